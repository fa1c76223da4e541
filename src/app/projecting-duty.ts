/** The duty, and so the lease, of projecting a version of a read model: first versions have one together. */
export const projectingDuty = (name: string, version: number): string => (version === 1 ? "projections" : `projections-${name}-v${version}`);

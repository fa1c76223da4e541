/** A figure that replay and read model do not agree on. */
export interface AuditDifference {
  readonly instance_id: string;
  /** Empty where the events contradict themselves. */
  readonly read_model: string;
  readonly field: string;
  readonly from_events: string;
  readonly from_read_model: string;
}

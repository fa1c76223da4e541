import type { Connection } from "./connection.ts";
import type { Addressed } from "./frames.ts";

/** Who listens to what, and how many sockets a key holds. */
export class Hub {
  readonly connections = new Set<Connection>();
  readonly #rooms = new Map<string, Set<Connection>>();
  readonly #perKey = new Map<string, number>();

  add(connection: Connection): void {
    this.connections.add(connection);
    const { key_id } = connection.principal;
    this.#perKey.set(key_id, this.socketsOf(key_id) + 1);
  }

  remove(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    for (const room of connection.rooms) this.leave(connection, room);
    const { key_id } = connection.principal;
    const left = this.socketsOf(key_id) - 1;
    if (left > 0) this.#perKey.set(key_id, left);
    else this.#perKey.delete(key_id);
  }

  socketsOf(keyId: string): number {
    return this.#perKey.get(keyId) ?? 0;
  }

  join(connection: Connection, room: string): void {
    connection.rooms.add(room);
    const members = this.#rooms.get(room) ?? new Set();
    members.add(connection);
    this.#rooms.set(room, members);
  }

  leave(connection: Connection, room: string): void {
    connection.rooms.delete(room);
    const members = this.#rooms.get(room);
    members?.delete(connection);
    if (members?.size === 0) this.#rooms.delete(room);
  }

  /** Whether anybody listens. */
  heard(room: string): boolean {
    return this.#rooms.has(room);
  }

  /** Rooms with listeners whose name begins so, without the beginning. */
  listening(prefix: string): string[] {
    return [...this.#rooms.keys()].filter((room) => room.startsWith(prefix)).map((room) => room.slice(prefix.length));
  }

  /** Delivers a frame to everybody in any of its rooms, once each. */
  deliver({ frame, rooms }: Addressed): void {
    const [first, ...others] = rooms.map((room) => this.#rooms.get(room)).filter((members) => members !== undefined);
    if (first === undefined) return;
    const listeners = others.length === 0 ? first : others.reduce((all, members) => all.union(members), first);
    for (const connection of listeners) connection.deliver(frame);
  }
}

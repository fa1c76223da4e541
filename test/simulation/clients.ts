import { isRefusal } from "#domain/kernel/errors.ts";
import type { CommandRequest } from "#commands/execute.ts";
import type { Books } from "./books.ts";
import type { Process } from "./process.ts";
import type { Scene } from "./scene.ts";
import { isExpected } from "./weather.ts";

/** Something that somebody wants of the application. */
export interface Wish {
  readonly label: string;
  readonly account: string;
  /** Sent along, so that the same wish may be sent again. */
  readonly key?: string | undefined;
  /** Another body under a key that was used. */
  readonly changed?: boolean;
  /** Answers in words what came of it. */
  attempt(process: Process, request: CommandRequest): Promise<string>;
}

/** The people outside: they ask, they are told, and they ask again when nobody told them. */
export class Clients {
  /** What nobody knows the outcome of. */
  readonly unanswered: Wish[] = [];
  readonly unexpected: string[] = [];
  #open = 0;
  #numbers = 0;
  readonly #scene: Scene;
  readonly #books: Books;

  constructor(scene: Scene, books: Books) {
    this.#scene = scene;
    this.#books = books;
  }

  /** Wishes that are being worked on. */
  get open(): number {
    return this.#open;
  }

  /** Sends a wish without waiting for its answer. */
  send(wish: Wish, process: Process): void {
    const number = this.#numbers += 1;
    const hash = `${wish.label}${wish.changed === true ? " changed" : ""}`;
    const request = process.request(wish.account, wish.key === undefined ? undefined : { name: wish.key, hash });
    const tell = (words: string) => { this.#scene.trace.note(`#${number} ${wish.label}${wish.key === undefined ? "" : ` key=${wish.key}`}: ${words}`); };
    tell("sent");
    this.#open += 1;
    let answered = false;
    const answer = wish.attempt(process, request)
      .then((words) => { tell(words); }, (error: unknown) => { this.#failed(wish, request, error, tell); })
      .then(() => { answered = true; });
    void Promise.race([answer, process.life.died]).then(() => {
      this.#open -= 1;
      if (answered) return;
      tell("no answer, the server is gone");
      this.#unanswer(wish);
    });
  }

  #failed(wish: Wish, request: CommandRequest, error: unknown, tell: (words: string) => void): void {
    if (!isExpected(error)) {
      this.unexpected.push(`${wish.label} failed: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
      return;
    }
    tell(`${error.name}: ${error.message}`);
    if (isRefusal(error)) {
      if (wish.key === undefined) this.#books.refused.set(request.command_id, wish.label);
    } else if (error.name !== "Problem") this.#unanswer(wish);
  }

  #unanswer(wish: Wish): void {
    if (wish.key !== undefined) this.unanswered.push(wish);
  }
}

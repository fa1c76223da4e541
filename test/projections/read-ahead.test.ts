import { describe, expect, it } from "@jest/globals";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { ReadAhead } from "#projections/read-ahead.ts";

const event = (position: string): StoredEvent => ({ position }) as StoredEvent;
const log = ["1", "2", "3", "4", "5"].map(event);

function feed() {
  const asked: string[] = [];
  return {
    asked,
    async readAfter(position: string, max: number) {
      asked.push(position);
      return log.filter((one) => one.position > position).slice(0, max);
    },
  };
}

describe("reading ahead", () => {
  it("asks for what follows a whole page before anybody wants it, and gives it to whoever does", async () => {
    const source = feed();
    const ahead = new ReadAhead(source);
    const first = await ahead.readAfter("", 2);
    expect([first, source.asked]).toEqual([[event("1"), event("2")], ["", "2"]]);
    const second = await ahead.readAfter("2", 2);
    expect([second, source.asked]).toEqual([[event("3"), event("4")], ["", "2", "4"]]);
  });

  it("asks for nothing after a page that is not whole, and for a place that it did not foresee", async () => {
    const source = feed();
    const ahead = new ReadAhead(source);
    expect(await ahead.readAfter("3", 3)).toEqual([event("4"), event("5")]);
    expect(source.asked).toEqual(["3"]);
    expect(await ahead.readAfter("1", 9)).toEqual([event("2"), event("3"), event("4"), event("5")]);
    expect(source.asked).toEqual(["3", "1"]);
  });

  it("tells a failure to whoever takes the page, and reads again afterwards", async () => {
    const source = feed();
    let away = false;
    const ahead = new ReadAhead({ readAfter: async (position, max) => { if (away) throw new Error("away"); return source.readAfter(position, max); } });
    const first = ahead.readAfter("", 2);
    away = true;
    await expect(first.then(() => ahead.readAfter("2", 2))).rejects.toThrow("away");
    away = false;
    expect(await ahead.readAfter("2", 2)).toEqual([event("3"), event("4")]);
  });

  it("forgets the oldest of the pages that nobody comes for", async () => {
    const asked: string[] = [];
    const places = "abcdefghijklm".split("");
    const ahead = new ReadAhead({ readAfter: async (position) => {
      asked.push(position);
      return places.filter((place) => place > position).slice(0, 1).map(event);
    } });
    for (const position of ["a", "c", "e", "g", "i", "k"]) await ahead.readAfter(position, 1);
    asked.length = 0;
    await ahead.readAfter("l", 1);
    expect(asked).toEqual(["m"]);
    asked.length = 0;
    await ahead.readAfter("b", 1);
    expect(asked).toEqual(["b", "c"]);
  });
});

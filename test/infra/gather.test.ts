import { expect, test } from "@jest/globals";
import { gather } from "#infra/mongodb/gather.ts";

interface Question {
  readonly ids: readonly string[];
  readonly answer: (values: Readonly<Record<string, number>>) => void;
  readonly fail: (error: Error) => void;
}

function server(): { questions: Question[]; get: (id: string) => Promise<number | null>; asked: (count: number) => Promise<readonly (readonly string[])[]> } {
  const questions: Question[] = [];
  const get = gather<number>((ids) => new Promise((resolve, reject) => {
    questions.push({ ids, answer: (values) => resolve(new Map(Object.entries(values))), fail: reject });
  }));
  const asked = async (count: number) => {
    while (questions.length < count) await new Promise(setImmediate);
    return questions.map(({ ids }) => ids);
  };
  return { questions, get, asked };
}

test("what is asked at once is one question, and what is asked meanwhile is the next one", async () => {
  const { questions, get, asked } = server();
  const first = Promise.all([get("a"), get("b"), get("a")]);
  await asked(1);
  const later = Promise.all([get("a"), get("c"), get("missing")]);
  expect(await asked(1)).toEqual([["a", "b"]]);
  questions[0]?.answer({ a: 1, b: 2 });
  expect(await first).toEqual([1, 2, 1]);
  expect(await asked(2)).toEqual([["a", "b"], ["a", "c", "missing"]]);
  questions[1]?.answer({ a: 10, c: 3 });
  expect(await later).toEqual([10, 3, null]);
});

test("a question that fails fails those who asked it, and nobody after them", async () => {
  const { questions, get, asked } = server();
  const first = get("a");
  await asked(1);
  const second = get("a");
  questions[0]?.fail(new Error("away"));
  await expect(first).rejects.toThrow("away");
  await asked(2);
  questions[1]?.answer({ a: 1 });
  expect(await second).toBe(1);
});

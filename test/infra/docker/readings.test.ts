import { describe, expect, test } from "@jest/globals";
import { toRuntimeError } from "#infra/docker/failures.ts";
import { LogReader } from "#infra/docker/logs.ts";

const frame = (stream: 1 | 2, text: string): Buffer => {
  const body = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};
const at = "2026-01-02T03:04:05.678Z";
const nanos = "2026-01-02T03:04:05.678912345Z";

describe("An engine's log", () => {
  test("is the same lines whatever pieces it arrives in", () => {
    const whole = Buffer.concat([frame(1, `${nanos} grüße\n`), frame(2, `${nanos} \n`), frame(1, `${nanos} a b\r\n`)]);
    const expected = [
      { at, stream: "stdout", text: "grüße" }, { at, stream: "stderr", text: "" }, { at, stream: "stdout", text: "a b" },
    ];
    for (let size = 1; size <= whole.length; size++) {
      const reader = new LogReader();
      const lines = [];
      for (let from = 0; from < whole.length; from += size) lines.push(...reader.take(whole.subarray(from, from + size)));
      expect([...lines, ...reader.end()]).toEqual(expected);
    }
  });

  test("joins the parts of a long line, also when the other stream writes in between", () => {
    const reader = new LogReader();
    expect(reader.take(frame(1, `${nanos} one `))).toEqual([]);
    expect(reader.take(frame(2, `${nanos} other\n`))).toEqual([{ at, stream: "stderr", text: "other" }]);
    expect(reader.take(frame(1, "2026-01-02T03:04:09Z two\n"))).toEqual([{ at, stream: "stdout", text: "one two" }]);
    reader.take(frame(1, `${nanos} never ended`));
    expect(reader.end()).toEqual([{ at, stream: "stdout", text: "never ended" }]);
    expect(reader.end()).toEqual([]);
  });

  test("does not keep a line without end in memory", () => {
    const reader = new LogReader();
    const lines = Array.from({ length: 8 }, () => reader.take(frame(1, `${nanos} ${"x".repeat(16_384)}`))).flat();
    expect(lines.map(({ text }) => text.length)).toEqual([65_536, 65_536]);
  });
});

describe("What an engine refuses", () => {
  const refusal = (message: string, statusCode?: number) => toRuntimeError(Object.assign(new Error(message), { statusCode }), "start the container");

  test.each([
    ['OCI runtime create failed: exec: "/secret/path/run": stat /secret/path/run: no such file or directory: unknown', 400, "container-failed", "The image's command is not in the image"],
    ["failed to mount /var/lib/docker/overlay2/abc: no space left on device", 500, "container-failed", "The engine has no disk space left"],
    ["could not find an available, non-overlapping IPv4 address pool among the defaults", 404, "container-failed", "The engine has no network left for another account"],
    ["something of /var/lib/docker", 500, "container-failed", "The container engine could not start the container (status 500)"],
    ["No such image: a:1", 404, "image-not-found", "The engine no longer has the image"],
  ] as const)("is told without its host's paths: %s", (words, status, code, detail) => {
    expect(refusal(words, status)).toMatchObject({ code, message: detail });
  });

  test("is told apart from an engine that is away", () => {
    for (const code of ["ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE"])
      expect(toRuntimeError(Object.assign(new Error("connect"), { code }), "list")).toMatchObject({ code: "runtime-unavailable" });
    expect(refusal("socket hang up")).toMatchObject({ code: "runtime-unavailable" });
  });
});

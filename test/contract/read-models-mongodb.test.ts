import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { BSON, MongoClient } from "mongodb";
import { Unavailable } from "#commands/ports.ts";
import { openMongo } from "#infra/mongodb/open.ts";
import { inTurn } from "#infra/mongodb/turns.ts";
import { databaseOn, mongoAvailable, startMongoStandIn } from "#test/support/mongodb.ts";
import { until } from "#test/support/until.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A port that stays the test's own while the server behind it comes and goes. */
async function listen(onSocket: (socket: Socket) => void): Promise<{ port: number; cut: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket)));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  cleanups.push(async () => {
    cut();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return { port: (server.address() as AddressInfo).port, cut };
}

/** Answers what it is asked, whatever it is or only greetings, with one document, in the protocol's older and newer form. */
function answerAlways(answer: BSON.Document, { greetingsOnly = false } = {}): (socket: Socket) => void {
  const document = BSON.serialize({ ok: 1, maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, ...answer });
  return (socket) => {
    let held = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      while (held.length >= 16 && held.length >= held.readInt32LE(0)) {
        const newer = held.readInt32LE(12) === 2013;
        const header = Buffer.alloc(newer ? 21 : 36);
        header.writeInt32LE(header.length + document.length, 0);
        header.writeInt32LE(held.readInt32LE(4), 8);
        header.writeInt32LE(newer ? 2013 : 1, 12);
        if (!newer) header.writeInt32LE(1, 32);
        const asked = held.subarray(0, held.readInt32LE(0)).toString("latin1");
        if (!greetingsOnly || /hello|ismaster/i.test(asked)) socket.write(Buffer.concat([header, document]));
        held = held.subarray(held.readInt32LE(0));
      }
    });
  };
}

test("a server that does not answer is named in one line, without the password", async () => {
  const { port } = await listen((socket) => socket.destroy());
  const failure = await openMongo(`mongodb://joe:secret@127.0.0.1:${port}/shop?serverSelectionTimeoutMS=200`).catch((error: unknown) => error as Error);
  expect(failure).toBeInstanceOf(Unavailable);
  expect((failure as Error).message).toMatch(new RegExp(`^MongoDB at mongodb://127\\.0\\.0\\.1:${port}/shop cannot be reached: .+$`));
  expect((failure as Error).message).not.toContain("secret");
});

test("a server that greets and then stands still is given up in one line", async () => {
  const { port } = await listen(answerAlways({ isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 21 }, { greetingsOnly: true }));
  const failure = await openMongo(`mongodb://127.0.0.1:${port}/shop?directConnection=true&socketTimeoutMS=300`).catch((error: unknown) => error as Error);
  expect(failure).toBeInstanceOf(Unavailable);
  expect((failure as Error).message).toMatch(/^MongoDB at .+\/shop cannot be reached: .+ timed out$/);
});

test("a server before 4.4 is refused by its age", async () => {
  const { port } = await listen(answerAlways({ ismaster: true, minWireVersion: 0, maxWireVersion: 8 }));
  await expect(openMongo(`mongodb://127.0.0.1:${port}/?directConnection=true&serverSelectionTimeoutMS=5000`)).rejects.toThrow(/^MongoDB at .+ is too old, 4\.4 or newer is needed: .+$/);
});

test.each([["v1.24.2", /^FerretDB v1\.24\.2 has no atomic guarded updates: run one AgentHub process/], [undefined, null]])(
  "of a server that says it is FerretDB %s the operator is told what it lacks", async (ferretdbVersion, caution) => {
    const answer = { isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 21, ...(ferretdbVersion === undefined ? {} : { ferretdbVersion }) };
    const { port } = await listen(answerAlways({ ...answer, cursor: { id: 0n, ns: "agenthub.any", firstBatch: [] } }));
    const stores = await openMongo(`mongodb://127.0.0.1:${port}/?directConnection=true&serverSelectionTimeoutMS=20000`);
    cleanups.push(stores.close);
    if (caution === null) expect(stores.caution).toBeNull();
    else expect(stores.caution).toMatch(caution);
  });

test("writes that must take turns do, each after the one before it, which may fail", async () => {
  const turns = inTurn();
  const seen: string[] = [];
  const write = (mark: string, fails = false) => turns("things", async () => {
    seen.push(`${mark} checks`);
    await Promise.resolve();
    seen.push(`${mark} writes`);
    if (fails) throw new Error(mark);
  });
  const answers = await Promise.allSettled([write("a"), write("b", true), write("c")]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(seen).toEqual(["a", "b", "c"].flatMap((mark) => [`${mark} checks`, `${mark} writes`]));
});

test("an address that is none is refused by what is wrong with it", async () => {
  await expect(openMongo("mongodb://host/?nonsense=1")).rejects.toThrow(/^MongoDB at mongodb:\/\/host\/ cannot be used: .*nonsense.*$/);
});

test.each([
  ["mongodb://host:27017", "mongodb://host:27017/fresh"],
  ["mongodb://host?replicaSet=rs", "mongodb://host/fresh?replicaSet=rs"],
  ["mongodb://joe:right@one,two:1/?tls=true", "mongodb://joe:right@one,two:1/fresh?tls=true&authSource=admin"],
  ["mongodb+srv://joe:right@host/own", "mongodb+srv://joe:right@host/fresh?authSource=own"],
  ["mongodb://joe:right@host/own?authSource=users", "mongodb://joe:right@host/fresh?authSource=users"],
])("a test's database on %s has the same user", (server, url) => {
  expect(databaseOn(server, "fresh")).toBe(url);
});

if (mongoAvailable("MongoDB's outages and passwords", { standIn: true })) {
  describe("on the stand-in for MongoDB", () => {
    test("a server that needs a password refuses none and a wrong one, and serves the right one", async () => {
      const folder = mkdtempSync(join(tmpdir(), "agenthub-mongo-data-"));
      cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
      const open = await startMongoStandIn({ folder });
      cleanups.push(() => open.kill());
      const admin = await MongoClient.connect(open.url("admin"));
      const roles = ["shop", "shop_system"].map((db) => ({ role: "readWrite", db }));
      await admin.db("admin").command({ createUser: "joe", pwd: "right", roles, writeConcern: { w: "majority", j: true } });
      await admin.close();
      await open.kill();

      const closed = await startMongoStandIn({ folder, auth: true });
      cleanups.push(() => closed.kill());
      await expect(openMongo(closed.url("shop"))).rejects.toThrow(/^MongoDB at .+ refused the credentials: .+$/);
      await expect(openMongo(`${closed.url("shop", "joe:wrong")}&authSource=admin`)).rejects.toThrow(/^MongoDB at .+ refused the credentials: .+[^=]$/);
      await expect(openMongo(closed.url("shop", "joe:right"))).rejects.toThrow(/^MongoDB at .+ refused the credentials: .+ needs authSource=/);
      await expect(openMongo(`${closed.url("elsewhere", "joe:right")}&authSource=admin`)).rejects.toThrow(/^MongoDB at .+ does not let this user do what is needed, which is readWrite on two databases/);
      const { system, close } = await openMongo(`${closed.url("shop", "joe:right")}&authSource=admin`);
      cleanups.push(close);
      await system.put("kind", "key", 1);
      expect(await system.get("kind", "key", 0)).toBe(1);
    });

    test("an index that somebody made in another form is named, and documents stay as they are", async () => {
      const server = await startMongoStandIn();
      cleanups.push(() => server.kill());
      const client = await MongoClient.connect(server.url("shop"));
      cleanups.push(() => client.close());
      await client.db().collection("things__v1").createIndex({ colour: 1 }, { name: "by_rank" });
      const { readModels, close } = await openMongo(server.url("shop"));
      cleanups.push(close);
      await expect(readModels.ensure({ name: "things__v1", indexes: [{ name: "by_rank", equals: [], sort: "rank" }] }))
        .rejects.toThrow(/^The index by_rank of things__v1 is not as it was declared; drop it/);
    });

    test("while the server is away calls are refused as Unavailable, and acknowledged writes are there when it is back", async () => {
      const folder = mkdtempSync(join(tmpdir(), "agenthub-mongo-data-"));
      cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
      let server = await startMongoStandIn({ folder });
      cleanups.push(() => server.kill());
      let target: number | undefined = server.port;
      const { port, cut } = await listen((socket) => {
        if (target === undefined) return void socket.destroy();
        const there = connect(target, "127.0.0.1");
        there.on("error", () => socket.destroy()).on("close", () => socket.destroy());
        socket.on("close", () => there.destroy());
        socket.pipe(there).pipe(socket);
      });
      const { readModels, system, close } = await openMongo(`mongodb://127.0.0.1:${port}/shop?directConnection=true&serverSelectionTimeoutMS=3000`);
      cleanups.push(close);
      const collection = { name: "things__v1", indexes: [{ name: "by_rank", equals: [], sort: "rank" }] };
      await readModels.ensure(collection);
      expect(await readModels.write("things__v1", [{ document: { _id: "a", _v: "1", rank: 1 }, expected: null }])).toEqual([]);
      expect(await system.acquireLease("worker", "one", 1000, 0)).toEqual({ epoch: 1 });

      target = undefined;
      cut();
      await server.kill();
      for (let times = 0; times < 5; times++) {
        await expect(readModels.get("things__v1", "a")).rejects.toBeInstanceOf(Unavailable);
        await expect(system.put("kind", "key", 1)).rejects.toBeInstanceOf(Unavailable);
        expect(await readModels.health()).toMatchObject({ ok: false, detail: expect.any(String) });
      }

      server = await startMongoStandIn({ folder });
      target = server.port;
      expect(await until(() => readModels.query("things__v1", { index: "by_rank", limit: 5 }), { what: "the server's return" })).toEqual([{ _id: "a", _v: "1", rank: 1 }]);
      expect(await readModels.health()).toEqual({ ok: true });
      expect(await system.acquireLease("worker", "two", 1000, 500)).toBeNull();
      expect(await system.acquireLease("worker", "two", 1000, 1000)).toEqual({ epoch: 2 });
    });
  });
}

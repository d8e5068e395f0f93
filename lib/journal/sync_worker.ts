// The worker of syncer.ts: when it is asked to, it makes a checkpoint, which puts the write-ahead log and
// then the database on the disk. PASSIVE waits for nobody and keeps nobody waiting.

import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

let database: DatabaseSync | undefined;

parentPort?.on("message", (asked) => {
  parentPort?.postMessage(asked === "close" ? close() : sync());
});

function sync(): string {
  try {
    database ??= new DatabaseSync(String(workerData.path), { timeout: 2000 });
    database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
    return "done";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function close(): string {
  database?.close();
  database = undefined;
  return "closed";
}

// Writes every change of Azurite's databases to a journal before the change is acknowledged. Azurite keeps its tables and the lists of
// its blobs in memory (LokiJS) and saves each database as a whole every five seconds: without a journal, an Azurite that is killed loses
// what it acknowledged since. The bytes of blobs need none, Azurite writes and syncs them before it answers.
//
// A save makes a snapshot, whose number is that of the first journal that is not in it: `NAME.journal.N` goes with `{"journal":N,…}`.
// Loading applies the journals from N on. A line of a journal is all that was waiting when it was written: whole, or not there.
const fs = require("fs");
const http = require("http");
const net = require("net");
const path = require("path");

const SAVE_INTERVAL = 5000;
// A save holds up all requests while it makes its text: it takes at most one fiftieth of the time.
const SAVE_PAUSES = 50;
const SYNC_INTERVAL = 200;
const TOKEN = /^\{"journal":(\d+),/;

const journals = new Map();
const databases = new WeakMap();
const counts = new WeakMap();
const waiting = [];
let scheduled = false;
let fault = null;

class Journal {
  constructor(name) {
    this.name = name;
    this.number = 0;
    this.file = null;
    this.pending = [];
    this.synced = 0;
    this.isSyncing = false;
    this.nextSave = 0;
  }

  files() {
    const start = path.basename(this.name) + ".journal.";
    return fs
      .readdirSync(path.dirname(this.name))
      .filter((f) => f.startsWith(start) && /^\d+$/.test(f.slice(start.length)))
      .map((f) => Number(f.slice(start.length)))
      .sort((a, b) => a - b);
  }

  pathOf(number) {
    return `${this.name}.journal.${number}`;
  }

  add(change) {
    this.pending.push(JSON.stringify(change));
    schedule();
  }

  write() {
    if (this.pending.length === 0) {
      return;
    }
    this.file ??= { fd: fs.openSync(this.pathOf(this.number), "a"), length: 0 };
    const line = Buffer.from(`[${this.pending.join(",")}]\n`);
    try {
      for (let at = 0; at < line.length; ) {
        at += fs.writeSync(this.file.fd, line, at);
      }
    } catch (error) {
      // Half a line would hide what follows it.
      fs.ftruncateSync(this.file.fd, this.file.length);
      throw error;
    }
    this.file.length += line.length;
    this.pending = [];
    this.sync();
  }

  // What a power cut costs is bounded too, and no request waits for the disk.
  sync() {
    if (this.isSyncing) {
      return;
    }
    this.isSyncing = true;
    setTimeout(() => {
      const file = this.file;
      if (file === null) {
        this.isSyncing = false;
        return;
      }
      const length = file.length;
      fs.fdatasync(file.fd, () => {
        this.isSyncing = false;
        if (this.file === file && file.length > length) {
          this.sync();
        }
      });
    }, SYNC_INTERVAL).unref();
  }

  // What is in the text that is being saved is in the journals up to here; what comes from now on goes into the next one.
  turn() {
    this.write();
    if (this.file !== null) {
      fs.closeSync(this.file.fd);
      this.file = null;
      this.number++;
    }
    return this.number;
  }

  dropBefore(number) {
    for (const old of this.files().filter((n) => n < number)) {
      fs.rmSync(this.pathOf(old), { force: true });
    }
  }
}

const journalOf = (db) => {
  if (db.persistenceMethod !== "fs" || db.isReplaying) {
    return null;
  }
  let journal = journals.get(db.filename);
  if (journal === undefined) {
    journals.set(db.filename, (journal = new Journal(db.filename)));
  }
  return journal;
};

const note = (collection, change) => {
  const db = databases.get(collection);
  const journal = db === undefined ? null : journalOf(db);
  journal?.add([collection.name, ...change]);
};

const schedule = () => {
  if (!scheduled) {
    scheduled = true;
    setImmediate(flush);
  }
};

// One write for all that happened in this turn of the event loop; a transaction of Azurite's is within one turn.
const flush = () => {
  scheduled = false;
  try {
    for (const journal of journals.values()) {
      journal.write();
    }
    fault = null;
  } catch (error) {
    if (fault === null) {
      console.error(`The journal cannot be written: ${error.message}`);
    }
    fault = error;
  }
  for (const { socket, send } of waiting.splice(0)) {
    // An answer whose change is not safe must not be seen: the client finds the connection closed, and asks again.
    if (fault === null) {
      send();
    } else {
      socket.destroy();
    }
  }
};

const holdAnswers = () => {
  // Beneath HTTP, which uncorks a socket as it likes.
  for (const name of ["_write", "_writev"]) {
    const write = net.Socket.prototype[name];
    net.Socket.prototype[name] = function (...args) {
      if (scheduled && this.server) {
        waiting.push({ socket: this, send: () => write.apply(this, args) });
      } else {
        write.apply(this, args);
      }
    };
  }

  // While the disk is full, changes are refused before they are made.
  const emit = http.Server.prototype.emit;
  http.Server.prototype.emit = function (event, request, response) {
    if (event === "request" && fault !== null && request.method !== "GET" && request.method !== "HEAD") {
      flush();
      if (fault !== null) {
        request.resume();
        const code = fault.code === "ENOSPC" ? "DiskFull" : "DiskFault";
        response.writeHead(507, { "x-ms-error-code": code, "content-type": "application/xml" });
        response.end(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${fault.code}</Message></Error>`);
        return true;
      }
    }
    return emit.apply(this, arguments);
  };
};

// An append blob lists its blocks: only the new ones are written, else a log of n blocks would cost n² bytes.
const update = (doc) => {
  const blocks = doc.committedBlocksInOrder;
  if (!Array.isArray(blocks) || doc.properties?.blobType !== "AppendBlob") {
    return ["put", doc];
  }
  const known = counts.get(doc) ?? blocks.length + 1;
  counts.set(doc, blocks.length);
  return known > blocks.length
    ? ["put", doc]
    : ["append", { ...doc, committedBlocksInOrder: blocks.slice(known) }, known];
};

const watchChanges = (Loki) => {
  const wrap = (prototype, name, around) => {
    const inner = prototype[name];
    prototype[name] = function (...args) {
      return around.call(this, inner, args);
    };
  };
  const collection = Loki.Collection.prototype;
  wrap(collection, "insertOne", function (inner, args) {
    const doc = inner.apply(this, args);
    if (doc !== undefined) {
      counts.delete(doc);
      note(this, update(doc));
    }
    return doc;
  });
  wrap(collection, "update", function (inner, args) {
    const result = inner.apply(this, args);
    if (!Array.isArray(args[0])) {
      note(this, update(args[0]));
    }
    return result;
  });
  wrap(collection, "remove", function (inner, args) {
    const [doc] = args;
    const id = typeof doc === "number" ? doc : Array.isArray(doc) ? undefined : doc?.$loki;
    const result = inner.apply(this, args);
    if (id !== undefined) {
      note(this, ["remove", [id]]);
    }
    return result;
  });
  wrap(collection, "removeBatchByPositions", function (inner, args) {
    this.ensureId();
    const ids = args[0].map((p) => this.idIndex[p]);
    const result = inner.apply(this, args);
    if (ids.length > 0) {
      note(this, ["remove", ids]);
    }
    return result;
  });
  wrap(collection, "clear", function (inner, args) {
    const result = inner.apply(this, args);
    note(this, ["clear"]);
    return result;
  });
  wrap(Loki.prototype, "addCollection", function (inner, args) {
    const isNew = this.getCollection(args[0]) === null;
    const added = inner.apply(this, args);
    databases.set(added, this);
    if (isNew) {
      journalOf(this)?.add([args[0], "create", args[1] ?? {}]);
    }
    return added;
  });
  wrap(Loki.prototype, "removeCollection", function (inner, args) {
    journalOf(this)?.add([args[0], "drop"]);
    return inner.apply(this, args);
  });
  wrap(Loki.prototype, "loadJSONObject", function (inner, args) {
    this.isReplaying = true;
    try {
      inner.apply(this, args);
    } finally {
      delete this.isReplaying;
    }
    for (const collection of this.collections) {
      for (const [name, index] of Object.entries(collection.binaryIndices)) {
        if (index.dirty) {
          collection.ensureIndex(name, true);
        }
      }
    }
  });
};

// The changes are applied to the text of the snapshot, before LokiJS builds its indexes over it.
const replay = (Loki, journal, text) => {
  const first = Number(TOKEN.exec(text)?.[1] ?? -1);
  const files = journal.files();
  journal.number = Math.max(0, first, ...files.map((n) => n + 1));
  const lines = first < 0 ? [] : files.filter((n) => n >= first).flatMap((n) => fs.readFileSync(journal.pathOf(n), "utf8").split("\n"));
  const groups = lines.flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line)];
    } catch {
      console.error(`A line of ${journal.name}.journal was cut off: what it holds was never acknowledged.`);
      return [];
    }
  });
  if (groups.length === 0) {
    return text;
  }
  const root = JSON.parse(text);
  const touched = new Map();
  const open = (name) => {
    let docs = touched.get(name);
    if (docs === undefined) {
      const collection = root.collections.find((c) => c.name === name);
      docs = { collection, byId: new Map(collection.data.map((d) => [d.$loki, d])) };
      touched.set(name, docs);
    }
    return docs;
  };
  const apply = {
    create: (name, options) => {
      const scratch = new Loki("scratch", { persistenceMethod: "memory" });
      scratch.addCollection(name, options);
      root.collections.push(JSON.parse(scratch.serialize()).collections[0]);
    },
    drop: (name) => {
      root.collections = root.collections.filter((c) => c.name !== name);
      touched.delete(name);
    },
    clear: (name) => open(name).byId.clear(),
    remove: (name, ids) => ids.forEach((id) => open(name).byId.delete(id)),
    put: (name, doc) => {
      const { collection, byId } = open(name);
      byId.set(doc.$loki, doc);
      collection.maxId = Math.max(collection.maxId ?? 0, doc.$loki);
    },
    append: (name, doc, from) => {
      const blocks = open(name).byId.get(doc.$loki).committedBlocksInOrder;
      blocks.length = from;
      blocks.push(...doc.committedBlocksInOrder);
      apply.put(name, { ...doc, committedBlocksInOrder: blocks });
    },
  };
  for (const [name, kind, ...rest] of groups.flat()) {
    apply[kind](name, ...rest);
  }
  for (const { collection, byId } of touched.values()) {
    collection.data = [...byId.values()].sort((a, b) => a.$loki - b.$loki);
    collection.idIndex = null;
    for (const index of Object.keys(collection.binaryIndices ?? {})) {
      collection.binaryIndices[index] = { name: index, dirty: true, values: [] };
    }
  }
  return root;
};

const persist = (Loki) => {
  const adapter = Loki.LokiFsAdapter.prototype;
  const load = adapter.loadDatabase;
  adapter.loadDatabase = function (name, callback) {
    const journal = journals.get(name) ?? new Journal(name);
    journals.set(name, journal);
    load.call(this, name, (text) => {
      let result = text;
      try {
        result = typeof text === "string" ? replay(Loki, journal, text) : text;
      } catch (error) {
        result = error;
      }
      callback(result);
    });
  };
  adapter.saveDatabase = function (name, text, callback) {
    const journal = journals.get(name);
    let number;
    try {
      number = journal.turn();
    } catch (error) {
      callback(error);
      return;
    }
    const done = (error) => {
      if (!error) {
        journal.dropBefore(number);
      }
      callback(error);
    };
    fs.writeFile(name + "~", `{"journal":${number},${text.slice(1)}`, { flush: true }, (error) =>
      error ? done(error) : fs.rename(name + "~", name, done)
    );
  };

  const serialize = Loki.prototype.serialize;
  Loki.prototype.serialize = function (...args) {
    const started = Date.now();
    const text = serialize.apply(this, args);
    const journal = journalOf(this);
    if (journal !== null) {
      journal.nextSave = Date.now() + Math.max(SAVE_INTERVAL, SAVE_PAUSES * (Date.now() - started));
    }
    return text;
  };
  // Asked by the timer, and once more at the end, when the timer is gone and everything is saved.
  const isDirty = Loki.prototype.autosaveDirty;
  Loki.prototype.autosaveDirty = function () {
    const journal = journalOf(this);
    return isDirty.call(this) && (journal === null || !this.autosaveHandle || Date.now() >= journal.nextSave);
  };
};

exports.keep = (Loki) => {
  watchChanges(Loki);
  persist(Loki);
  holdAnswers();
};

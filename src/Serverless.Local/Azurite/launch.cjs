// Starts Azurite for as long as one of its users lives. Arguments: state folder, Azurite's main file, Azurite's own options.
// Each user keeps a file named by its process id in `users/`; when none of them lives any more, Azurite saves and ends, so a
// killed host leaves nothing behind, and a host that starts at once after it finds the store still there.
const fs = require("fs");
const path = require("path");

const [state, main, ...options] = process.argv.slice(2);
const users = path.join(state, "users");
const log = fs.openSync(path.join(state, "azurite.log"), "w");
const address = path.join(state, "azurite.json");
const ports = {};
let closed = 0;

const tellAddress = () => {
  fs.writeFileSync(address + ".new", JSON.stringify({ pid: process.pid, ...ports }));
  fs.renameSync(address + ".new", address);
};

// The pipes to the one who started it may be gone: all output goes into the log, and tells the ports.
process.stdout.write = process.stderr.write = (text) => {
  fs.writeSync(log, text);
  const found = /Azurite (\w+) service is successfully listening at http:\/\/[^:]+:(\d+)/.exec(String(text));
  if (found) {
    ports[found[1].toLowerCase()] = Number(found[2]);
    if (ports.blob && ports.queue && ports.table) {
      tellAddress();
    }
  }
  // All three have saved: nothing is left to wait for.
  if (/successfully closed/.test(String(text)) && ++closed === 3) {
    process.exit(0);
  }
  return true;
};

// Ctrl-C goes to every process of the terminal; the host ends first and writes its last rows.
const once = process.once.bind(process);
process.once = (event, listener) => (event === "SIGINT" ? process : once(event, listener));
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});

const lives = (name) => {
  const pid = Number(name);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error.code === "EPERM") {
      return true;
    }
    fs.rmSync(path.join(users, name), { force: true });
    patience = 25;
    return false;
  }
};

// Ticks without a user: a few after one that said goodbye, five seconds after one that was killed, whose next host is about to start.
let patience = 3;

const isUsed = () => fs.readdirSync(users).some(lives);

let alone = 0;
setInterval(() => {
  if (isUsed()) {
    alone = 0;
    patience = 3;
    return;
  }
  if (++alone >= patience) {
    // A user names itself before it looks for the address: one that comes now is either seen here, or does not see the address.
    fs.rmSync(address, { force: true });
    if (isUsed()) {
      tellAddress();
      alone = 0;
    } else {
      process.kill(process.pid, "SIGTERM");
    }
  }
}, 200);

require("./journal.cjs").keep(require(require.resolve("lokijs", { paths: [path.dirname(main)] })));
process.argv = [process.argv[0], main, ...options];
require(main);

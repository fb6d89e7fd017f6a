// Loaded into LocalStack's Kinesis before all else: as it is, it listens on every address of the machine.
const { Server } = require("node:net");

const listen = Server.prototype.listen;

Server.prototype.listen = function (where, ...more) {
  if (typeof where === "object") {
    return listen.call(this, { ...where, host: "127.0.0.1" }, ...more);
  }
  const rest = more.filter((argument) => typeof argument !== "string"); // a host
  return listen.call(this, where, "127.0.0.1", ...rest);
};

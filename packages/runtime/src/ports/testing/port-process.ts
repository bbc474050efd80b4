import { createServer } from "node:net";
import { openPorts } from "../allocator.ts";

// argv: leases file, instance, then `listen PORT HOST` or `lease KEY WANTED COUNT`. Prints one line, stays until stdin ends.
const [file = "", instance = "", what = "", first = "", second = "", count = "1"] = process.argv.slice(2);
process.stdin.resume();
if (what === "listen") {
  const server = createServer().listen({ port: Number(first), host: second, reusePort: true }, () => {
    process.stdout.write("listening\n");
  });
  process.stdin.once("end", () => server.close());
} else {
  const ports = openPorts({ file, instance });
  const granted: number[] = [];
  for (let index = 0; index < Number(count); index++) {
    const key = `${first}/${index}`;
    const request = { key, wanted: Number(second), fixed: false, host: "127.0.0.1", held: false };
    granted.push((await ports.allocate(request)).port, await ports.any("127.0.0.1"));
  }
  process.stdout.write(`${JSON.stringify(granted)}\n`);
}

// The smallest HTTP service, in a container.
import { createServer } from "node:http";

createServer((_, response) => response.end("ok")).listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => process.exit(0));

// The smallest HTTP service: what starting it costs is what starting a Node process costs.
import { createServer } from "node:http";

createServer((_, response) => response.end("ok")).listen(Number(process.env.PORT), "127.0.0.1");

/** DuckDB's library, found from the package of its driver: an installer may have put it where only that can see it. */
const { createRequire } = require('node:module');

const driver = createRequire(__filename).resolve('@duckdb/node-api');
module.exports = createRequire(driver)('@duckdb/node-bindings');

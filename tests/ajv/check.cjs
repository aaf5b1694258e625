// Reads lines of {"schema": ..., "text": "..."}; for each it answers "valid", or why the text is not JSON of the schema.
// Run by SecondOpinion.cs with the folder that holds ajv as its argument.
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

const installed = createRequire(join(process.argv[2], "package.json"));
const Ajv = installed("ajv/dist/2020").default;
const addFormats = installed("ajv-formats").default;

function verdict(schema, text) {
    const ajv = new Ajv({ strict: false });
    addFormats(ajv);
    const validate = ajv.compile(schema);
    let value;
    try {
        value = JSON.parse(text);
    } catch (error) {
        return `not JSON: ${error.message}`;
    }
    return validate(value) ? "valid" : ajv.errorsText(validate.errors);
}

createInterface({ input: process.stdin }).on("line", line => {
    const { schema, text } = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(verdict(schema, text))}\n`);
});

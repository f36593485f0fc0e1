import assert from "node:assert/strict";
import { test } from "node:test";
import { breakingChanges } from "../rest.mjs";

const DOCUMENT = {
  paths: {
    "/orders/{id}": {
      parameters: [{ in: "path", name: "id", required: true, schema: { type: "string", format: "uuid" } }],
      get: {
        operationId: "order",
        parameters: [{ in: "query", name: "first", schema: { type: "integer", maximum: 100 } }],
        responses: {
          200: {
            headers: { ETag: { schema: { type: "string" } } },
            content: { "application/json": { schema: { $ref: "#/components/schemas/Order" } } },
          },
          404: { content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
        },
      },
    },
    "/check-ins": {
      post: {
        operationId: "checkIn",
        security: [{}, { bearerAuth: [] }],
        requestBody: { required: true, content: { "application/json": { schema: { $ref: "#/components/schemas/Scan" } } } },
        responses: { 200: { content: { "application/json": { schema: { type: "boolean" } } } } },
      },
    },
  },
  components: {
    schemas: {
      Order: {
        type: "object",
        required: ["id", "status"],
        properties: {
          id: { type: "string", format: "uuid" },
          status: { type: "string", enum: ["PAID", "EXPIRED"] },
          seat: { oneOf: [{ $ref: "#/components/schemas/Seat" }, { type: "null" }] },
          parts: { type: "array", items: { $ref: "#/components/schemas/Order" } },
        },
      },
      Problem: { type: "object", required: ["code"], properties: { code: { type: "string", enum: ["NOT_FOUND"] } } },
      Seat: { type: "object", required: ["label"], properties: { label: { type: "string" } } },
      Scan: {
        type: "object",
        required: ["code"],
        properties: {
          code: { type: "string", maxLength: 500 },
          gate: { type: ["string", "null"] },
          kind: { type: "string", enum: ["IN", "OUT"] },
        },
      },
    },
  },
};

/** What breaks when the document is changed like this. */
function broken(change) {
  const changed = structuredClone(DOCUMENT);
  change(changed.paths, changed.components.schemas);
  return breakingChanges(DOCUMENT, changed);
}

const GET = "GET /orders/{id}:";
const POST = "POST /check-ins:";

test("a document breaks nobody who knows it", () => {
  assert.deepEqual(broken(() => {}), []);
});

test("what is added breaks nobody", () => {
  const changes = broken((paths, schemas) => {
    paths["/new"] = { get: { responses: {} } };
    paths["/orders/{id}"].get.parameters.push({ in: "query", name: "after", schema: { type: "string" } });
    schemas.Order.properties.note = { type: "string" };
    schemas.Order.properties.status.enum.push("REFUNDED");
    schemas.Order.required.push("note");
    schemas.Scan.properties.nonce = { type: ["string", "null"] };
    schemas.Scan.properties.kind.enum.push("AGAIN");
    schemas.Scan.properties.code.maxLength = 900;
    paths["/orders/{id}"].get.responses[429] = {};
  });
  assert.deepEqual(changes, []);
});

test("a path or an operation that goes away is missed", () => {
  assert.deepEqual(broken((paths) => delete paths["/check-ins"]), [`${POST} it is gone`]);
  assert.deepEqual(broken((paths) => delete paths["/orders/{id}"].get), [`${GET} it is gone`]);
});

test("generated clients name their methods by operationIds", () => {
  const changes = broken((paths) => (paths["/orders/{id}"].get.operationId = "getOrder"));
  assert.deepEqual(changes, [`${GET} its operationId is getOrder instead of order`]);
});

test("whoever asked without a token is not to need one", () => {
  const changes = broken((paths) => (paths["/check-ins"].post.security = [{ bearerAuth: [] }]));
  assert.deepEqual(changes, [`${POST} it wants a token now`]);
});

test("parameters stay, and no new one is required", () => {
  const changes = broken((paths) => {
    paths["/orders/{id}"].get.parameters = [{ in: "query", name: "locale", required: true, schema: { type: "string" } }];
  });
  assert.deepEqual(changes, [
    `${GET} the query parameter \`first\` is gone`,
    `${GET} the query parameter \`locale\` is new and required`,
  ]);
});

test("a parameter takes what it took", () => {
  const changes = broken((paths) => {
    const [first] = paths["/orders/{id}"].get.parameters;
    first.required = true;
    first.schema.maximum = 50;
  });
  assert.deepEqual(changes, [
    `${GET} the query parameter \`first\` is required now`,
    `${GET} the query parameter \`first\` has a maximum of 50 instead of 100`,
  ]);
});

test("what is read stays where and what it was", () => {
  const changes = broken((paths, schemas) => {
    delete schemas.Order.properties.status;
    schemas.Order.required = ["id"];
    schemas.Order.properties.id.format = undefined;
    schemas.Seat.required = [];
    schemas.Seat.properties.label = { type: ["string", "null"] };
    delete paths["/orders/{id}"].get.responses[200].headers.ETag;
  });
  assert.deepEqual(changes, [
    `${GET} the response 200 has no header ETag any more`,
    `${GET} \`id\` of the response 200 has the format none instead of uuid`,
    `${GET} the response 200 has no \`status\` any more`,
    `${GET} \`seat\` of the response 200 may be without \`label\` now`,
    `${GET} \`label\` of \`seat\` of the response 200 may be null now`,
  ]);
});

test("a type that becomes another is told with both", () => {
  const changes = broken((paths, schemas) => (schemas.Order.properties.seat = { type: "string" }));
  assert.deepEqual(changes, [`${GET} \`seat\` of the response 200 is string instead of object`]);
});

test("an answer that is no longer given is missed, a refusal is not", () => {
  const changes = broken((paths) => {
    paths["/orders/{id}"].get.responses = { 204: {} };
  });
  assert.deepEqual(changes, [`${GET} the response 200 is gone`]);
});

test("refusals stay as readable as they were", () => {
  const changes = broken((paths, schemas) => (schemas.Problem = { type: "object", properties: {} }));
  assert.deepEqual(changes, [`${GET} the response 404 has no \`code\` any more`]);
});

test("what is sent is taken as before", () => {
  const changes = broken((paths, schemas) => {
    schemas.Scan.required = ["code", "gate", "eventId"];
    schemas.Scan.properties = {
      code: { type: "string", maxLength: 20 },
      gate: { type: "string" },
      eventId: { type: "string" },
    };
  });
  assert.deepEqual(changes, [
    `${POST} \`code\` of the body has a maxLength of 20 instead of 500`,
    `${POST} the body must have \`gate\` now`,
    `${POST} \`gate\` of the body may not be null any more`,
    `${POST} the body does not take \`kind\` any more`,
    `${POST} the body must have \`eventId\`, which is new`,
  ]);
});

test("a choice that was open to the sender stays open", () => {
  const changes = broken((paths, schemas) => (schemas.Scan.properties.kind.enum = ["IN"]));
  assert.deepEqual(changes, [`${POST} \`kind\` of the body may not be OUT any more`]);
});

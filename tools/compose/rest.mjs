// What a change of an OpenAPI document breaks for those who were written for the one before.
//
// As with a graph, it is told by kind: what a client reads may not go away, and what it sends must still be taken. Values
// may be added to what is read (`x-extensible-enum`), optional things to what is sent.

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** Sentences, each about one thing that broke, such as "GET /a: the response 200 has no `b` any more". */
export function breakingChanges(was, is) {
  const told = [];
  const pair = { was: resolver(was), is: resolver(is) };
  for (const [path, before] of Object.entries(was.paths ?? {})) {
    const now = is.paths?.[path];
    for (const method of METHODS.filter((method) => before[method])) {
      const name = `${method.toUpperCase()} ${path}`;
      const tell = (what) => told.push(`${name}: ${what}`);
      if (now?.[method]) compareOperations(pair, whole(pair.was, before, method), whole(pair.is, now, method), tell);
      else tell("it is gone");
    }
  }
  return told;
}

/** An operation with the parameters of its path. */
function whole(resolve, item, method) {
  const operation = item[method];
  const own = (operation.parameters ?? []).map(resolve);
  const shared = (item.parameters ?? []).map(resolve).filter((parameter) => !find(own, parameter));
  return { ...operation, parameters: [...shared, ...own], requestBody: operation.requestBody && resolve(operation.requestBody) };
}

function find(parameters, { in: place, name }) {
  return parameters.find((parameter) => parameter.in === place && parameter.name === name);
}

function compareOperations(pair, was, is, tell) {
  if (was.operationId !== is.operationId) tell(`its operationId is ${is.operationId} instead of ${was.operationId}`);
  if (isOpen(was) && !isOpen(is)) tell("it wants a token now");
  compareParameters(pair, was.parameters, is.parameters, tell);
  compareBodies(pair, was.requestBody, is.requestBody, tell);
  compareResponses(pair, was.responses ?? {}, is.responses ?? {}, tell);
}

/** Whether it can be asked without saying who asks. */
function isOpen({ security }) {
  return !security?.length || security.some((way) => Object.keys(way).length === 0);
}

function compareParameters(pair, was, is, tell) {
  for (const before of was) {
    const now = find(is, before);
    const name = `the ${before.in} parameter \`${before.name}\``;
    if (!now) tell(`${name} is gone`);
    else {
      if (now.required && !before.required) tell(`${name} is required now`);
      compareSchemas(pair, before.schema, now.schema, sent(name, tell));
    }
  }
  for (const now of is.filter((parameter) => parameter.required && !find(was, parameter))) {
    tell(`the ${now.in} parameter \`${now.name}\` is new and required`);
  }
}

function compareBodies(pair, was, is, tell) {
  if (is?.required && !was?.required) tell("a body is required now");
  if (was && !is) tell("it takes no body any more");
  if (was && is) compareContents(pair, was.content, is.content, "the body", (name) => sent(name, tell), tell);
}

function compareResponses(pair, was, is, tell) {
  for (const [status, raw] of Object.entries(was)) {
    const name = `the response ${status}`;
    if (!is[status]) {
      // Nobody misses a refusal.
      if (/^[23]/.test(status)) tell(`${name} is gone`);
      continue;
    }
    const [before, now] = [pair.was(raw), pair.is(is[status])];
    for (const header of Object.keys(before.headers ?? {})) {
      if (!now.headers?.[header]) tell(`${name} has no header ${header} any more`);
    }
    compareContents(pair, before.content, now.content, name, (name) => read(name, tell), tell);
  }
}

function compareContents(pair, was, is, name, direction, tell) {
  for (const [type, before] of Object.entries(was ?? {})) {
    if (!is?.[type]) tell(`${name} is no ${type} any more`);
    else compareSchemas(pair, before.schema, is[type].schema, direction(name));
  }
}

/** How what a client sends is looked at. */
function sent(name, tell) {
  return { name, tell, isSent: true, seen: new Set() };
}

/** How what a client reads is looked at. */
function read(name, tell) {
  return { name, tell, isSent: false, seen: new Set() };
}

function compareSchemas(pair, rawWas, rawIs, look) {
  // Types that hold themselves are compared once.
  const key = `${rawWas?.$ref} ${rawIs?.$ref}`;
  if (rawWas?.$ref && rawIs?.$ref) {
    if (look.seen.has(key)) return;
    look = { ...look, seen: new Set([...look.seen, key]) };
  }
  const [was, is] = [plain(pair.was, rawWas), plain(pair.is, rawIs)];
  const tell = (what) => look.tell(`${look.name} ${what}`);
  if (was.kinds.join() !== is.kinds.join()) {
    tell(`is ${is.kinds.join(" or ") || "anything"} instead of ${was.kinds.join(" or ") || "anything"}`);
    return;
  }
  if (look.isSent ? was.isNullable && !is.isNullable : is.isNullable && !was.isNullable) {
    tell(look.isSent ? "may not be null any more" : "may be null now");
  }
  if (was.format !== is.format) tell(`has the format ${is.format ?? "none"} instead of ${was.format ?? "none"}`);
  compareValues(was, is, look, tell);
  if (look.isSent) compareBounds(was, is, tell);
  compareProperties(pair, was, is, look);
  if (was.items && is.items) compareSchemas(pair, was.items, is.items, { ...look, name: `an item of ${look.name}` });
  compareChoices(pair, was, is, look, tell);
}

function compareValues(was, is, look, tell) {
  if (look.isSent) {
    const gone = is.enum ? (was.enum ?? []).filter((value) => !is.enum.includes(value)) : [];
    if (gone.length > 0) tell(`may not be ${gone.join(", ")} any more`);
    if (is.enum && !was.enum) tell(`may only be ${is.enum.join(", ")} now`);
  } else if (was.enum && !is.enum) {
    tell("may be anything now");
  }
}

/** Where more was allowed. */
function compareBounds(was, is, tell) {
  for (const bound of ["maximum", "exclusiveMaximum", "maxLength", "maxItems"]) {
    if (is[bound] < (was[bound] ?? Infinity)) tell(`has a ${bound} of ${is[bound]} instead of ${was[bound] ?? "none"}`);
  }
  for (const bound of ["minimum", "exclusiveMinimum", "minLength", "minItems"]) {
    if (is[bound] > (was[bound] ?? -Infinity)) tell(`has a ${bound} of ${is[bound]} instead of ${was[bound] ?? "none"}`);
  }
  if (is.pattern && is.pattern !== was.pattern) tell(`has the pattern ${is.pattern} instead of ${was.pattern ?? "none"}`);
}

function compareProperties(pair, was, is, look) {
  const [before, now] = [was.properties ?? {}, is.properties ?? {}];
  const [needed, neededNow] = [was.required ?? [], is.required ?? []];
  for (const [property, schema] of Object.entries(before)) {
    const tell = (what) => look.tell(`${look.name} ${what}`);
    if (!now[property]) {
      tell(look.isSent ? `does not take \`${property}\` any more` : `has no \`${property}\` any more`);
      continue;
    }
    if (look.isSent && neededNow.includes(property) && !needed.includes(property)) tell(`must have \`${property}\` now`);
    if (!look.isSent && needed.includes(property) && !neededNow.includes(property)) tell(`may be without \`${property}\` now`);
    compareSchemas(pair, schema, now[property], { ...look, name: `\`${property}\` of ${look.name}` });
  }
  for (const property of neededNow.filter((property) => look.isSent && !before[property])) {
    look.tell(`${look.name} must have \`${property}\`, which is new`);
  }
}

/** Of one of several: those that were must still be taken, and none may come that was not. */
function compareChoices(pair, was, is, look, tell) {
  const names = (schema) => schema.choices.map((choice) => choice.$ref ?? JSON.stringify(choice));
  const [before, now] = [names(was), names(is)];
  const strange = look.isSent ? before.filter((choice) => !now.includes(choice)) : now.filter((choice) => !before.includes(choice));
  if (strange.length > 0) tell(look.isSent ? `may not be ${strange.join(", ")} any more` : `may be ${strange.join(", ")} now`);
  for (const choice of was.choices.filter((choice) => choice.$ref && now.includes(choice.$ref))) {
    compareSchemas(pair, choice, choice, look);
  }
}

/** A schema without its detours: references followed, `allOf` put together, null told apart from the rest. */
function plain(resolve, raw) {
  let schema = resolve(raw ?? {});
  if (schema.allOf) schema = schema.allOf.map((part) => plain(resolve, part)).reduce(together, { ...schema, allOf: undefined });
  const all = schema.oneOf ?? schema.anyOf ?? [];
  const choices = all.filter((choice) => choice.type !== "null");
  const saysNull = choices.length < all.length;
  if (choices.length === 1) {
    const only = plain(resolve, choices[0]);
    return { ...only, isNullable: only.isNullable || saysNull };
  }
  const kinds = [schema.type ?? []].flat();
  return {
    ...schema,
    choices,
    kinds: kinds.filter((kind) => kind !== "null").sort(),
    isNullable: saysNull || Boolean(schema.isNullable) || kinds.includes("null"),
  };
}

function together(one, other) {
  return {
    ...one,
    ...other,
    properties: { ...one.properties, ...other.properties },
    required: [...(one.required ?? []), ...(other.required ?? [])],
  };
}

/** Follows references within a document; what is said beside one is only words. */
function resolver(document) {
  return function resolve(value) {
    if (!value?.$ref) return value;
    const parts = value.$ref.replace(/^#\//, "").split("/");
    const target = parts.reduce((at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], document);
    if (target === undefined) throw new Error(`The document has no ${value.$ref}.`);
    return resolve(target);
  };
}

import type { ShowSecurityQuery } from "../../graph/generated/graphql";

/** What guards an account, as its pages show it. */
export type Secured = NonNullable<ShowSecurityQuery["me"]>;
export const SECURITY = ["account", "security"];

import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { eventQuery } from "./event/queries";
import { Frame, Lost } from "./Frame";
import { type Search, searchOf } from "./finding/search";

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Frame, notFoundComponent: Lost });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (search): Search => searchOf(search),
  component: lazyRouteComponent(() => import("./finding/Home"), "Home"),
});
const event = createRoute({
  getParentRoute: () => root,
  path: "/events/$event",
  validateSearch: ({ access }: { access?: unknown }): { access?: string } =>
    typeof access === "string" || typeof access === "number" ? { access: String(access) } : {},
  loaderDeps: ({ search: { access } }) => ({ access }),
  loader: ({ context, params, deps }) => {
    // What fails is shown by the page.
    context.client.prefetchQuery(eventQuery(params.event, deps.access));
  },
  component: lazyRouteComponent(() => import("./event/EventPage"), "EventPage"),
});
const cart = createRoute({
  getParentRoute: () => root,
  path: "/cart/$reservation",
  component: lazyRouteComponent(() => import("./buying/CartPage"), "CartPage"),
});
const order = createRoute({
  getParentRoute: () => root,
  path: "/orders/$order",
  component: lazyRouteComponent(() => import("./buying/OrderPage"), "OrderPage"),
});
const orders = createRoute({
  getParentRoute: () => root,
  path: "/orders",
  component: lazyRouteComponent(() => import("./account/MyOrders"), "MyOrders"),
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./account/SignInPage"), "SignInPage"),
});

const refund = createRoute({
  getParentRoute: () => root,
  path: "/orders/$order/refund",
  component: lazyRouteComponent(() => import("./buying/RefundPage"), "RefundPage"),
});
const messages = createRoute({
  getParentRoute: () => root,
  path: "/messages",
  component: lazyRouteComponent(() => import("./account/MessagesPage"), "MessagesPage"),
});
const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/AccountPage"), "AccountPage"),
});
const verify = createRoute({
  getParentRoute: () => root,
  path: "/account/verify",
  component: lazyRouteComponent(() => import("./account/LinkPages"), "VerifyPage"),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: "/account/invitation",
  component: lazyRouteComponent(() => import("./account/LinkPages"), "InvitationPage"),
});
const security = createRoute({
  getParentRoute: () => root,
  path: "/account/security",
  component: lazyRouteComponent(() => import("./account/security/SecurityPage"), "SecurityPage"),
});
const claim = createRoute({
  getParentRoute: () => root,
  path: "/claim",
  component: lazyRouteComponent(() => import("./account/ClaimPage"), "ClaimPage"),
});
const data = createRoute({
  getParentRoute: () => root,
  path: "/account/data",
  component: lazyRouteComponent(() => import("./account/data/DataPage"), "DataPage"),
});
const forgot = createRoute({
  getParentRoute: () => root,
  path: "/account/forgot",
  component: lazyRouteComponent(() => import("./account/PasswordPages"), "ForgotPage"),
});
const newPassword = createRoute({
  getParentRoute: () => root,
  path: "/account/reset-password",
  component: lazyRouteComponent(() => import("./account/PasswordPages"), "NewPasswordPage"),
});
const newAddress = createRoute({
  getParentRoute: () => root,
  path: "/account/change-address",
  component: lazyRouteComponent(() => import("./account/LinkPages"), "NewAddressPage"),
});
const foreign = createRoute({
  getParentRoute: () => root,
  path: "/account/foreign-sign-in",
  component: lazyRouteComponent(() => import("./account/ForeignPage"), "ForeignPage"),
});
const waiting = createRoute({
  getParentRoute: () => root,
  path: "/waiting",
  component: lazyRouteComponent(() => import("./waiting/WaitingPage"), "WaitingPage"),
});

const tree = root.addChildren([
  home,
  event,
  cart,
  order,
  refund,
  orders,
  messages,
  account,
  verify,
  invitation,
  security,
  data,
  claim,
  forgot,
  newPassword,
  newAddress,
  foreign,
  waiting,
  signIn,
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Bell, ShoppingBag, Ticket, UserRound } from "lucide-react";
import { useEffect, useRef } from "react";
import { usePerson } from "./account/session";
import { useUnread } from "./account/useUnread";
import { dropBasket, useBasket } from "./buying/basket";
import { TimeLeft } from "./buying/TimeLeft";
import { useFoundCart } from "./buying/useFoundCart";
import { Footer } from "./Footer";
import styles from "./Frame.module.css";
import { Connection } from "./ui/Connection";
import { Status } from "./ui/useStatus";

export { Lost } from "./Lost";

/** Of unread messages, as many are counted. */
const MOST_SHOWN = 99;

/** What stands around every page. */
export function Frame() {
  return (
    <Status>
      <a className={styles.skip} href="#content">
        <Trans>Skip to the content</Trans>
      </a>
      <Header />
      <Connection />
      <Content />
      <Footer />
    </Status>
  );
}

function Header() {
  const { t } = useLingui();
  const person = usePerson();
  const basket = useBasket();
  const unread = useUnread();
  useFoundCart();
  return (
    <header className={styles.header}>
      <div className={styles.bar}>
        <Link to="/" search={{}} className={styles.brand}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 7h26v6a3 3 0 0 0 0 6v6H3v-6a3 3 0 0 0 0-6z" fill="currentColor" />
            <path d="M7 19c3 0 3-5 6-5s3 5 6 5 3-5 6-5" />
          </svg>
          <span className={styles.name}>Odysseus</span>
        </Link>
        <nav aria-label={t`Your account`} className={styles.tools}>
          {basket && (
            <Link to="/cart/$reservation" params={{ reservation: basket.id }} className={styles.tool} data-testid="basket">
              <ShoppingBag aria-hidden />
              <span className="aside">
                <Trans>Cart</Trans>
              </span>
              <TimeLeft until={basket.expiresAt} onOver={() => dropBasket(basket.id)} />
            </Link>
          )}
          {person ? (
            <>
              <Link to="/orders" className={styles.tool}>
                <Ticket aria-hidden />
                <span className={styles.word}>
                  <Trans>My orders</Trans>
                </span>
              </Link>
              <Link to="/messages" className={styles.tool} data-testid="messages">
                <span className={styles.bell}>
                  <Bell aria-hidden />
                  {unread > 0 && <span className={styles.count}>{unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}</span>}
                </span>
                <span className={styles.word}>
                  <Trans>Messages</Trans>
                </span>
                {unread > 0 && (
                  <span className="aside">
                    <Plural value={unread} one="# unread" other="# unread" />
                  </span>
                )}
              </Link>
              <Link to="/account" className={styles.tool}>
                <UserRound aria-hidden />
                <span className={styles.word}>
                  <Trans>Account</Trans>
                </span>
              </Link>
            </>
          ) : (
            <Link to="/sign-in" className={styles.tool}>
              <UserRound aria-hidden />
              <Trans>Sign in</Trans>
            </Link>
          )}
        </nav>
      </div>
    </header>
  );
}

/** The page, which takes the focus when it is another one. */
function Content() {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const main = useRef<HTMLElement>(null);
  const first = useRef(path);
  useEffect(() => {
    if (first.current !== path) main.current?.focus({ preventScroll: true });
    first.current = path;
  }, [path]);
  return (
    <main id="content" ref={main} tabIndex={-1} className={styles.content}>
      <Outlet />
    </main>
  );
}

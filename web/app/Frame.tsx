import { Trans, useLingui } from "@lingui/react/macro";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Moon, ShoppingBag, Sun, Ticket, UserRound } from "lucide-react";
import { useEffect, useRef } from "react";
import { signOut, usePerson } from "./account/session";
import { useBasket } from "./buying/basket";
import { TimeLeft } from "./buying/TimeLeft";
import styles from "./Frame.module.css";
import { Button } from "./ui/Button";
import { setTheme, useTheme } from "./ui/theme";
import { Status } from "./ui/useStatus";
import { LANGUAGES, type Language, remember, speak } from "./words/languages";

/** What stands around every page. */
export function Frame() {
  return (
    <Status>
      <a className={styles.skip} href="#content">
        <Trans>Skip to the content</Trans>
      </a>
      <Header />
      <Content />
      <Footer />
    </Status>
  );
}

function Header() {
  const { t } = useLingui();
  const person = usePerson();
  const basket = useBasket();
  return (
    <header className={styles.header}>
      <div className={styles.bar}>
        <Link to="/" search={{}} className={styles.brand}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 7h26v6a3 3 0 0 0 0 6v6H3v-6a3 3 0 0 0 0-6z" fill="currentColor" />
            <path d="M7 19c3 0 3-5 6-5s3 5 6 5 3-5 6-5" />
          </svg>
          Odysseus
        </Link>
        <nav aria-label={t`Your account`} className={styles.tools}>
          {basket && (
            <Link to="/cart/$reservation" params={{ reservation: basket.id }} className={styles.tool} data-testid="basket">
              <ShoppingBag aria-hidden />
              <span className="aside">
                <Trans>Cart</Trans>
              </span>
              <TimeLeft until={basket.expiresAt} />
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
              <button type="button" className={styles.tool} onClick={() => signOut()}>
                <UserRound aria-hidden />
                <span className={styles.word}>{person.guest ? <Trans>Leave</Trans> : <Trans>Sign out</Trans>}</span>
              </button>
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

function Footer() {
  const { t, i18n } = useLingui();
  const theme = useTheme();
  const choose = async (language: Language) => {
    remember(language);
    await speak(language);
  };
  return (
    <footer className={styles.footer}>
      <div className={styles.foot}>
        <p>
          <Trans>Prices are what you pay: fees and taxes are in them.</Trans>
        </p>
        <div className={styles.choices}>
          <fieldset className={styles.languages}>
            <legend className="aside">{t`Language`}</legend>
            {(Object.keys(LANGUAGES) as Language[]).map((language) => (
              <button key={language} type="button" lang={language} aria-pressed={i18n.locale === language} onClick={() => choose(language)}>
                {LANGUAGES[language]}
              </button>
            ))}
          </fieldset>
          <Button
            look="icon"
            aria-label={theme === "dark" ? t`Light colours` : t`Dark colours`}
            onPress={() => setTheme(theme === "dark" ? "light" : "dark")}
          >
            {theme === "dark" ? <Sun aria-hidden /> : <Moon aria-hidden />}
          </Button>
          <a href="/developers">
            <Trans>For developers</Trans>
          </a>
        </div>
      </div>
    </footer>
  );
}

/** Where nothing is. */
export function Lost() {
  return (
    <div className="page narrow">
      <h1>
        <Trans>Off the map</Trans>
      </h1>
      <p className={styles.lost}>
        <Trans>Nothing is at this address.</Trans>{" "}
        <Link to="/" search={{}}>
          <Trans>See what is on</Trans>
        </Link>
      </p>
    </div>
  );
}

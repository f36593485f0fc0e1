import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { BadgeCheck, Hourglass, Mail, Moon, Sun } from "lucide-react";
import { BehindButton } from "./behind/BehindButton";
import styles from "./Footer.module.css";
import type { Search } from "./finding/search";
import { useCategories } from "./finding/useCategories";
import { Button } from "./ui/Button";
import { setTheme, useTheme } from "./ui/theme";
import { LANGUAGES, type Language, remember, speak } from "./words/languages";

/** Where most people look first. */
const SHELVES: NonNullable<Search["category"]>[] = ["MUSIC", "THEATRE", "COMEDY", "SPORTS", "FAMILY"];

/** What stands under every page: what a buyer can count on, where else to go, and how the shop is to look and speak. */
export function Footer() {
  const { t } = useLingui();
  const category = useCategories();
  return (
    <footer className={styles.footer}>
      <div className={styles.foot}>
        <ul className={styles.promises}>
          <li>
            <BadgeCheck aria-hidden />
            <Trans>Prices are what you pay: fees and taxes are in them.</Trans>
          </li>
          <li>
            <Hourglass aria-hidden />
            <Trans>What you hold is kept for you alone until its clock has run out.</Trans>
          </li>
          <li>
            <Mail aria-hidden />
            <Trans>Tickets come by mail as soon as they are paid, and are shown here.</Trans>
          </li>
        </ul>
        <nav aria-label={t`More of the shop`} className={styles.ways}>
          <ul>
            <li>
              <Link to="/" search={{}}>
                <Trans>All events</Trans>
              </Link>
            </li>
            {SHELVES.map((shelf) => (
              <li key={shelf}>
                <Link to="/" search={{ category: shelf }}>
                  {category(shelf)}
                </Link>
              </li>
            ))}
          </ul>
          <ul>
            <li>
              <Link to="/waiting">
                <Trans>Waiting list</Trans>
              </Link>
            </li>
            <li>
              <a href="/developers">
                <Trans>For developers</Trans>
              </a>
            </li>
            <li>
              <BehindButton />
            </li>
          </ul>
        </nav>
        <Choices />
      </div>
    </footer>
  );
}

function Choices() {
  const { t, i18n } = useLingui();
  const theme = useTheme();
  const choose = async (language: Language) => {
    remember(language);
    await speak(language);
  };
  return (
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
    </div>
  );
}

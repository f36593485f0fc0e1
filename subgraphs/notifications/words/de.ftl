### Was Mails, SMS und Nachrichtenlisten auf Deutsch sagen. `en.ftl` sagt dasselbe auf Englisch, mit denselben Variablen.

## In jeder Mail

hello = Guten Tag { $name },
hello-nobody = Guten Tag,
sent-by = Gesendet von
questions = Fragen? Schreiben Sie an
stop-these-mails = Keine E-Mails dieser Art mehr
with-order = { $subject } (Bestellung { $number })
your-order = Ihre Bestellung
order-and-title = Bestellung { $number }, { $title },
the-organizer-says = Der Veranstalter schreibt: { $reason }
doors = Einlass { $doors }
clocks-of = Alle Zeiten gelten für { $zone }.
row = Reihe { $row }
seat = Platz { $seat }
code = Code { $code }
paid = Bezahlt
for-free = nichts, der Eintritt ist frei
see-tickets = Tickets anzeigen
see-event = Veranstaltung ansehen
file-invoice = rechnung-{ $number }
file-credit-note = gutschrift-{ $number }
see-order = Bestellung ansehen
claim-order = Diese Bestellung in einem Konto aufbewahren

## Tickets

tickets-for = { $tickets ->
    [one] Ihr Ticket für { $title }
   *[other] Ihre Tickets für { $title }
 }
bought = { $tickets ->
    [one] vielen Dank für Ihre Bestellung { $number }. Ihr Ticket finden Sie im angehängten PDF, eine Seite für jede Person: Zeigen Sie es am Einlass vor, auf Papier oder auf dem Bildschirm. Mit der Kalenderdatei tragen Sie den Termin in Ihren Kalender ein.
   *[other] vielen Dank für Ihre Bestellung { $number }. Ihre Tickets finden Sie im angehängten PDF, eine Seite für jede Person: Zeigen Sie sie am Einlass vor, auf Papier oder auf dem Bildschirm. Mit der Kalenderdatei tragen Sie den Termin in Ihren Kalender ein.
 }
bought-listed-subject = Ihre Tickets für { $title } sind da
bought-listed = { $tickets ->
    [one] Die Bestellung { $number } ist abgeschlossen: ein Ticket für { $title }. Es ist auch per E-Mail zu Ihnen unterwegs.
   *[other] Die Bestellung { $number } ist abgeschlossen: { $tickets } Tickets für { $title }. Sie sind auch per E-Mail zu Ihnen unterwegs.
 }
invoice-attached = Die Rechnung { $number } ist ebenfalls angehängt.
unmailed = Für ein Konto verschicken wir an einem Tag nur eine begrenzte Zahl von E-Mails an andere, daher keine an { $names }. Bitte geben Sie diese Tickets selbst weiter.
and-more = { $names } und { $count } weitere
bought-for-you = { $tickets ->
    [one] { $from } hat ein Ticket für Sie gekauft. Sie finden es im angehängten PDF: Zeigen Sie es am Einlass vor, auf Papier oder auf dem Bildschirm. Mit der Kalenderdatei tragen Sie den Termin in Ihren Kalender ein.
   *[other] { $from } hat { $tickets } Tickets für Sie gekauft. Sie finden sie im angehängten PDF: Zeigen Sie es am Einlass vor, auf Papier oder auf dem Bildschirm. Mit der Kalenderdatei tragen Sie den Termin in Ihren Kalender ein.
 }
sms-bought = Ihre Tickets für { $title } sind da. Bestellung { $number }: { $url }
sms-have-tickets = Sie haben Tickets für { $title }: { $url }

## Tickets, die den Besitzer wechseln

given-to-you-subject = Ihr Ticket für { $title }
given-to-you = { $from } hat Ihnen ein Ticket übertragen. Sie finden es im angehängten PDF: Zeigen Sie es am Einlass vor, auf Papier oder auf dem Bildschirm. Mit der Kalenderdatei tragen Sie den Termin in Ihren Kalender ein.
given-to-you-nobody = Ihnen wurde ein Ticket übertragen. Sie finden es im angehängten PDF: Zeigen Sie es am Einlass vor, auf Papier oder auf dem Bildschirm. Mit der Kalenderdatei tragen Sie den Termin in Ihren Kalender ein.
given-to-you-in-short = Ein Ticket für { $title } gehört jetzt Ihnen.
given-away-subject = Ihr Ticket wurde übertragen: { $title }
given-away = Ihr Ticket für { $title }, { $days }, gehört jetzt { $to }; wir haben es dorthin geschickt. Mit Ihrem bisherigen Code ist kein Einlass mehr möglich.
given-away-not-you = Falls Sie das nicht wollten, schreiben Sie uns bitte sofort.

## Bestellungen, die ohne Tickets enden

expired-subject = Die Zeit ist abgelaufen: { $title }
expired = Die Bestellung für { $title } wurde nicht rechtzeitig bezahlt und ist beendet. Es wurde nichts abgebucht. Solange es Tickets gibt, können Sie erneut bestellen.
unpaid-called-off = { $title } ist abgesagt, damit endet auch Ihre Bestellung. Es wurde nichts abgebucht.

## Abgelehnte Karten

declined-subject = Ihre Karte wurde abgelehnt: { $title }
declined = Ihre Zahlung für { $of } hat nicht geklappt: { $reason }. Es wurde nichts abgebucht.
declined-amount = Ihre Zahlung von { $amount } für { $of } hat nicht geklappt: { $reason }. Es wurde nichts abgebucht.
declined-in-short = Die Zahlung für { $title } hat nicht geklappt: { $reason }. Es wurde nichts abgebucht. { $time }
declined-until = Ihre Plätze bleiben bis { $until } für Sie reserviert. Bezahlen Sie bis dahin mit einer anderen Karte oder auf anderem Weg.
declined-time = Ihre Plätze bleiben für Sie reserviert, bis die Zeit Ihrer Bestellung abläuft. Bezahlen Sie bis dahin mit einer anderen Karte oder auf anderem Weg.
pay = Bestellung bezahlen
declined-funds = Das Konto ist nicht ausreichend gedeckt
declined-expired = Die Karte ist abgelaufen, oder ihr Datum wurde falsch eingegeben
declined-cvc = Die Prüfziffer der Karte ist falsch
declined-number = Die Kartennummer ist falsch
declined-authentication = Ihre Bank verlangt eine Bestätigung der Zahlung, und diese ist ausgeblieben
declined-limit = Die Karte hat ein Limit Ihrer Bank erreicht
declined-kind = Die Karte ist für Zahlungen dieser Art nicht zugelassen
declined-bank = Bei der Bank ist etwas schiefgegangen; dieselbe Karte funktioniert vielleicht gleich wieder
declined-other = Ihre Bank hat die Zahlung abgelehnt

## Geld, das zurückgeht

refund-subject = Sie bekommen Ihr Geld zurück: { $title }
refund-too-late = Ihre Zahlung für { $of } kam erst an, als die Frist dafür abgelaufen war und die Plätze bereits vergeben waren. Das tut uns leid. { $back }
refund-again = Sie können es jederzeit erneut versuchen: Was noch frei ist, ist im Verkauf.
refund-called-off = Ihre Zahlung für { $of } wird erstattet, denn die Veranstaltung ist abgesagt. { $back }
refund-whole = Ihre Zahlung für { $of } wird erstattet. { $reason } { $back }
refund-expired = Die Frist der Bestellung war abgelaufen, bevor sie bezahlt wurde.
refund-cancelled = Die Bestellung wurde storniert, bevor sie bezahlt wurde.
refund-not-fulfilled = Die Bestellung konnte nicht ausgeführt werden.
refund-places-gone = Die Zahlung kam an, als die Plätze nicht mehr zu haben waren.
refund-another-amount = Bezahlt wurde ein anderer Betrag als der verlangte.
refund-all-back = Der gesamte Betrag geht auf demselben Weg an Sie zurück. Es kann einige Tage dauern, bis Ihre Bank ihn anzeigt.
refund-all-back-amount = Der gesamte Betrag geht auf demselben Weg an Sie zurück: { $amount }. Es kann einige Tage dauern, bis Ihre Bank ihn anzeigt.
refund-returned = von Ihrer Zahlung für { $of } geht Geld auf demselben Weg an Sie zurück. Es kann einige Tage dauern, bis Ihre Bank es anzeigt.
refund-returned-amount = von Ihrer Zahlung für { $of } geht Geld auf demselben Weg an Sie zurück: { $amount }. Es kann einige Tage dauern, bis Ihre Bank es anzeigt.
refund-part = An Ihren Tickets ändert sich dadurch nichts.
refund-void = Damit ist alles erstattet, was Sie bezahlt haben: Mit Tickets aus diesem Kauf ist kein Einlass mehr möglich.
sms-money-back = Sie bekommen Ihr Geld für { $title } zurück. { $url }
sms-money-back-order = Sie bekommen Ihr Geld für { $title } zurück. Bestellung { $number }: { $url }
sms-amount-back = Sie bekommen { $amount } für { $title } zurück. { $url }
sms-amount-back-order = Sie bekommen { $amount } für { $title } zurück. Bestellung { $number }: { $url }

## Tickets, die zurückgehen

back-free-subject = { $tickets ->
    [one] Ticket zurückgenommen: { $title }
   *[other] Tickets zurückgenommen: { $title }
 }
back-holder-subject = { $tickets ->
    [one] Ihr Ticket gilt nicht mehr: { $title }
   *[other] Ihre Tickets gelten nicht mehr: { $title }
 }
back-called-off = Die Veranstaltung wurde abgesagt.
back-credit-note = Die Gutschrift { $number } ist angehängt.
back-credit-note-in-short = Die Gutschrift { $number } finden Sie bei der Bestellung.
back-calendar = Die Kalenderdatei entfernt den Termin aus Ihrem Kalender.
back-free = { $tickets ->
    [one] ein Ticket Ihrer Bestellung { $number } für { $title }, { $days }, wurde zurückgenommen. Geld wird dafür nicht erstattet.
   *[other] Tickets Ihrer Bestellung { $number } für { $title }, { $days }, wurden zurückgenommen. Geld wird dafür nicht erstattet.
 }
back-paid = { $tickets ->
    [one] von Ihrer Bestellung { $number } gehen { $amount } auf demselben Weg an Sie zurück, für ein Ticket für { $title }, { $days }. Es kann einige Tage dauern, bis Ihre Bank den Betrag anzeigt.
   *[other] von Ihrer Bestellung { $number } gehen { $amount } auf demselben Weg an Sie zurück, für Tickets für { $title }, { $days }. Es kann einige Tage dauern, bis Ihre Bank den Betrag anzeigt.
 }
back-holder = { $tickets ->
    [one] Ihr Ticket für { $title }, { $days }, wurde zurückgegeben. Wer es gekauft hat, erfährt das ebenfalls.
   *[other] Ihre Tickets für { $title }, { $days }, wurden zurückgegeben. Wer sie gekauft hat, erfährt das ebenfalls.
 }
back-whole = Von der Bestellung ist kein Ticket mehr übrig.
back-others-buyer = Die übrigen Tickets Ihrer Bestellung gelten weiterhin.
back-others-holder = An anderen Tickets, die Sie haben, ändert sich dadurch nichts.
back-void = { $tickets ->
    [one] Dieses Ticket gilt nicht mehr
   *[other] Diese Tickets gelten nicht mehr
 }
sms-tickets-back = Tickets für { $title } wurden zurückgenommen: { $url }

## Abgesagte Veranstaltungen

off-subject = Abgesagt: { $title }
off = { $title }, { $days }, ist abgesagt.
off-holder = Ihr Ticket gilt nicht mehr. Wer es gekauft hat, erfährt das ebenfalls.
off-free = Die Tickets Ihrer Bestellung { $number } gelten nicht mehr.
off-returned = Die Tickets Ihrer Bestellung { $number } gelten nicht mehr. { $amount } gehen auf demselben Weg an Sie zurück. Es kann einige Tage dauern, bis Ihre Bank den Betrag anzeigt.
off-paid = Die Tickets Ihrer Bestellung { $number } gelten nicht mehr. Bezahlt wurden { $total }; was davon noch nicht erstattet ist, geht nun auf demselben Weg an Sie zurück. Es kann einige Tage dauern, bis Ihre Bank den Betrag anzeigt.
off-order-in-short = Ihre Bestellung ist { $number }.
sms-off = { $title } ist abgesagt. { $url }
sms-off-order = { $title } ist abgesagt. Bestellung { $number }: { $url }

## Verlegte Veranstaltungen

moved-subject = Neuer Termin: { $title }
moved = { $title } findet zu einer anderen Zeit statt.
moved-begins-as-before = Für { $title } gelten andere Zeiten. Der Beginn bleibt, wie er war.
moved-new = Neu: { $times }
moved-before = Bisher: { $instant }
moved-in-short = { $title } ist von { $before } auf { $now } verlegt.
moved-times-in-short = Für { $title } gelten andere Zeiten: { $times }.
moved-valid-buyer = Die Tickets Ihrer Bestellung { $number } bleiben gültig; Sie brauchen keine neuen.
moved-valid-holder = { $tickets ->
    [one] Ihr Ticket bleibt gültig; Sie brauchen kein neues.
   *[other] Ihre Tickets bleiben gültig; Sie brauchen keine neuen.
 }
moved-way-back-buyer = Wenn Sie dann nicht können: Bis { $until } können Sie Tickets in Ihrer Bestellung { $number } bei Odysseus zurückgeben und bekommen alles erstattet, was Sie dafür bezahlt haben.
moved-way-back-holder = { $tickets ->
    [one] Wenn Sie dann nicht können: Wer das Ticket für Sie gekauft hat, kann es bis { $until } zurückgeben.
   *[other] Wenn Sie dann nicht können: Wer die Tickets für Sie gekauft hat, kann sie bis { $until } zurückgeben.
 }
moved-calendar = Die Kalenderdatei verlegt den Termin in Ihrem Kalender.
sms-moved = { $title } ist jetzt am { $now }. { $url }
sms-moved-order = { $title } ist jetzt am { $now }. Bestellung { $number }: { $url }

## Was bald beginnt

reminder-subject = Bald: { $title }, { $begins }
reminder = { $title } beginnt am { $begins }. Ort: { $venue }.
reminder-doors = Einlass ist ab { $doors } Uhr.
reminder-tickets = { $tickets ->
    [one] Sie haben ein Ticket dafür: Es kam per E-Mail als PDF. Zeigen Sie es am Einlass vor, auf Papier oder auf dem Bildschirm.
   *[other] Sie haben { $tickets } Tickets dafür: Sie kamen per E-Mail als PDF. Zeigen Sie sie am Einlass vor, auf Papier oder auf dem Bildschirm.
 }
sms-reminder = { $title } beginnt am { $begins }. { $url }

## Die Warteliste

offer-subject = Plätze für Sie: { $title }
offer = { $places ->
    [one] für { $title }, { $days }, ist ein Platz frei geworden und für Sie reserviert.
   *[other] für { $title }, { $days }, sind { $places } Plätze frei geworden und für Sie reserviert.
 }
offer-until = Die Reservierung gilt bis { $until }, zum Preis von { $total }. Danach ist an der Reihe, wer als Nächstes wartet.
offer-take = Plätze annehmen
offer-in-short = { $places ->
    [one] Für { $title } ist bis { $until } ein Platz für Sie reserviert.
   *[other] Für { $title } sind bis { $until } { $places } Plätze für Sie reserviert.
 }
waiting-over-subject = Die Warteliste ist geschlossen: { $title }
waiting-over-expired-subject = Ihre Frist für die Plätze ist abgelaufen: { $title }
waiting-over = Sie haben auf Plätze für { $title }, { $days }, gewartet. Es werden keine mehr frei: { $why }.
waiting-over-expired = die Plätze für { $title }, { $days }, die für Sie reserviert waren, wurden nicht rechtzeitig angenommen und sind an die nächsten Wartenden gegangen. Sie können sich erneut auf die Warteliste setzen.
waiting-over-in-short = Sie warten nicht länger auf Plätze für { $title }: { $why }.
waiting-over-expired-in-short = Die Plätze für { $title } wurden nicht rechtzeitig angenommen. Sie können sich erneut auf die Warteliste setzen.
waiting-called-off = Die Veranstaltung ist abgesagt
waiting-sales-closed = Der Verkauf ist beendet

## Angefochtene Zahlungen

disputed-open-subject = Zahlung angefochten: { $title }
disputed-won-subject = Anfechtung abgewiesen: { $title }
disputed-lost-subject = Anfechtung verloren: { $title }
disputed-of-order = Bestellung { $number } für { $title }
disputed-of = eine Bestellung für { $title }
disputed-open = Die Bank der Käuferin oder des Käufers hat { $amount } zurückgeholt ({ $of }): { $why }.
disputed-won = Die Bank hat zu Ihren Gunsten entschieden: Die angefochtenen { $amount } ({ $of }) gehören wieder Ihnen.
disputed-lost = Die Bank hat gegen Sie entschieden: Die angefochtenen { $amount } ({ $of }) sind verloren.
disputed-open-tickets = Solange das nicht zu Ihren Gunsten entschieden ist, ist mit den Tickets kein Einlass möglich.
disputed-won-tickets = Die Tickets gelten wieder.
disputed-again-tickets = Dieselbe Zahlung ist erneut angefochten oder zum Teil verloren: Mit den Tickets ist weiterhin kein Einlass möglich.
disputed-lost-tickets = Die Tickets gelten nicht mehr.
disputed-advice = Wer das Konto beim Zahlungsdienst betreut, kann dort antworten und belegen, dass die Käufer erhalten haben, wofür bezahlt wurde. Ohne rechtzeitige Antwort geht die Anfechtung verloren.
disputed-fraudulent = Laut den Käufern hat jemand anderes mit ihrer Karte bezahlt
disputed-unrecognized = Die Käufer erkennen die Zahlung nicht wieder
disputed-duplicate = Laut den Käufern wurde zweimal bezahlt
disputed-not-received = Laut den Käufern sind die Tickets nicht angekommen
disputed-unacceptable = Laut den Käufern entsprach es nicht dem, was versprochen war
disputed-credit = Laut den Käufern war ihnen eine Erstattung zugesagt
disputed-cancelled = Laut den Käufern war die Bestellung storniert
disputed-bank = Die Bank lässt die Zahlung nicht gelten
disputed-other = Die Bank nennt keinen näheren Grund

## Konten

verify-subject = Ist das Ihre Adresse?
verify = jemand, vermutlich Sie, hat diese Adresse für ein Konto bei uns angegeben. Öffnen Sie den Link, um zu bestätigen, dass sie Ihnen gehört. Er gilt einmal, bis { $until }.
verify-action = Ja, das ist meine Adresse
not-you = Falls Sie das nicht waren, müssen Sie nichts tun.
invited-subject = Sie sind zu { $organization } eingeladen
invited = { $inviter } lädt Sie zu { $organization } ein: { $may }. Öffnen Sie den Link mit einem Konto dieser Adresse, oder legen Sie eines an; er gilt bis { $until }.
invited-unknown = Falls Sie die Absender nicht kennen, müssen Sie nichts tun.
invited-action = Einladung ansehen
may-everything = Als Inhaber dürfen Sie alles, auch Mitglieder verwalten
may-manage = Als Manager kümmern Sie sich um Veranstaltungen, Ticketarten, Bestellungen und Berichte
may-sell = An der Kasse verkaufen Sie Tickets und prüfen sie am Einlass
may-scan = Am Einlass prüfen Sie Tickets
guessing-subject = Jemand probiert Passwörter für Ihr Konto aus
guessing = seit { $since } wurden { $attempts } falsche Passwörter für Ihr Konto eingegeben. Niemand ist hineingekommen, und wo Sie angemeldet sind, funktioniert alles wie bisher.
guessing-advice = Falls Sie das nicht waren: Wählen Sie ein langes Passwort, das Sie nirgends sonst verwenden.
taken-subject = Sie haben bereits ein Konto
taken = jemand, vielleicht Sie, wollte mit dieser Adresse ein Konto anlegen. Es gibt schon eines: Melden Sie sich damit an.
reset-subject = Neues Passwort wählen
reset = jemand, vermutlich Sie, möchte ein neues Passwort für Ihr Konto. Öffnen Sie den Link, um eines zu wählen. Er gilt einmal, bis { $until }.
reset-not-you = Falls Sie das nicht waren, müssen Sie nichts tun: Ihr Passwort bleibt, wie es ist.
reset-action = Neues Passwort wählen
password-changed-subject = Ihr Passwort wurde geändert
password-changed = das Passwort Ihres Kontos wurde geändert: { $at }. Überall sonst, wo Sie angemeldet waren, müssen Sie sich neu anmelden.
password-changed-not-you = Falls Sie das nicht waren, wählen Sie sofort ein neues: Sie können es bei der Anmeldung anfordern.
new-address-subject = Ist das Ihre neue Adresse?
new-address = ein Konto bei uns soll künftig diese Adresse haben. Öffnen Sie den Link, um zu bestätigen, dass sie Ihnen gehört. Er gilt einmal, bis { $until }.
address-change-subject = Soll Ihr Konto eine andere Adresse bekommen?
address-change = Ihr Konto soll künftig die Adresse { $address } haben statt dieser hier. Öffnen Sie den Link, wenn Sie das möchten. Er gilt einmal, bis { $until }.
address-change-not-you = Falls Sie das nicht waren, öffnen Sie den Link nicht und wählen Sie ein neues Passwort: Jemand ist in Ihrem Konto angemeldet.
address-change-action = Ja, Adresse ändern
address-changed-subject = Ihr Konto hat eine andere Adresse
address-changed = Ihr Konto hat jetzt die Adresse { $address }, seit { $at }. An diese hier schreiben wir zum letzten Mal.
address-changed-not-you = Falls Sie das nicht waren, schreiben Sie uns bitte sofort.
factor-subject = Ihre Anmeldung wurde geändert
factor-totp-added = für Ihre Anmeldung gibt es jetzt einen zweiten Schritt mit Codes aus einer App: { $at }.
factor-totp-removed = der zweite Schritt mit Codes aus einer App wurde aus Ihrer Anmeldung entfernt: { $at }.
factor-passkey-added = für Ihre Anmeldung wurde ein Passkey hinzugefügt: { $at }.
factor-passkey-removed = ein Passkey wurde aus Ihrer Anmeldung entfernt: { $at }.
factor-codes-renewed = Sie haben neue Wiederherstellungscodes; die bisherigen gelten nicht mehr: { $at }.
factor-code-used = mit einem Wiederherstellungscode hat sich jemand in Ihrem Konto angemeldet: { $at }. Der Code gilt kein zweites Mal.
factor-other = die Anmeldung bei Ihrem Konto wurde geändert: { $at }.
factor-not-you = Falls Sie das nicht waren, wählen Sie sofort ein neues Passwort: Sie können es bei der Anmeldung anfordern.
deleted-subject = Ihr Konto ist gelöscht
deleted = Ihr Konto ist gelöscht, wie Sie es wollten. Niemand kann sich mehr damit anmelden. Die persönlichen Daten, die wir dazu haben, werden jetzt gelöscht; wo eine Bestellung oder Erstattung noch läuft, sobald sie abgeschlossen ist. Ihre Tickets bleiben gültig: Zeigen Sie das PDF oder den Ausdruck am Einlass vor.
deleted-not-you = Dies ist die letzte E-Mail dazu.

## Adressen, an denen keine E-Mail ankommt

unreachable-subject = Unsere E-Mails erreichen Sie nicht
unreachable = Eine E-Mail an { $address } kam zurück. Bis Sie die Adresse in Ihrem Profil erneut bestätigen oder eine andere angeben, schicken wir Ihnen nur, worauf Sie nicht verzichten können: Tickets, Erstattungen und was Ihr Konto betrifft.

## Abbestellte E-Mails

stop-title = Diese E-Mails abbestellen?
stop-ask = Möchten Sie keine E-Mails dieser Art mehr bekommen: { $kind }?
stop-yes = Ja, abbestellen
stop-done-title = Erledigt
stop-done = Sie bekommen keine E-Mails dieser Art mehr: { $kind }. Tickets und alles, was Ihr Geld oder Ihr Konto betrifft, schicken wir weiterhin.
stop-reminders = Erinnerungen an das, was bald beginnt
stop-offers = Neues von Wartelisten
stop-declines = fehlgeschlagene Zahlungen

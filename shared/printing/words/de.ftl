### Was auf Tickets und Rechnungen steht, auf Deutsch. `en.ftl` sagt dasselbe auf Englisch, mit denselben Variablen.

## Wann eine Veranstaltung ist

doors-and-start = Einlass { $doors } · Beginn { $begins } { $zone }
start = Beginn { $begins } { $zone }
ends = Ende { $ends }

## Tickets

tickets-title = { $title }: Tickets der Bestellung { $number }
section = Bereich
row = Reihe
seat = Platz
admission = Eintritt
ticket = Ticket
name = Name
price = Preis
order = Bestellung
code = Code
at-the-door = Bitte das Quadrat am Einlass zeigen, gedruckt oder am Handy. Gilt einmal für eine Person.

## Rechnungen und Gutschriften

invoice = Rechnung
credit-note = Gutschrift
credit-note-for = Gutschrift zur Rechnung { $number }
number = Nummer
date = Datum
for-invoice = Zur Rechnung
sold-by = Verkauft von
sold-to = Verkauft an
nobody-known = Wer die Bestellung aufgegeben hat
tax-number = Steuernummer: { $number }
tickets = Tickets
quantity = Menge
price-each = Einzelpreis
amount = Betrag
discount = Rabatt
discount-by = Rabatt ({ $code })
fees = Gebühren
tax = Steuer
total = Summe
total-paid = Bezahlt
total-back = Erstattet
taxes = Steuern
net = Netto
gross = Brutto
taxed = { $name } { $rate } %
taxed-in = { $name } { $rate } % enthalten: { $amount }
tax-in = { $name } { $rate } % (enthalten)
currency = Alle Beträge in { $currency }.
all-in = Der Einzelpreis ist der angezeigte Preis, mit Gebühren und Steuern.
page = Seite { $page } von { $of }

"""People who buy, one order after another, until a file appears. Usage: crowd.py URL FILE"""

import os
import sys
import threading

STOP = sys.argv[2]
sys.argv = [sys.argv[0], sys.argv[1], "", ""]

import story  # noqa: E402

BUYERS = 5


def main():
    event = story.a_show()
    browser = story.Person(story.URL, "Ria")
    query = "query($event: ID!) { event(id: $event) { seatMap { sections { seats { id } } } } }"
    sections = story.eventually("the seat map", lambda: browser.asks(query, event=event)["event"]["seatMap"]["sections"])
    seats = [seat["id"] for section in sections for seat in section["seats"]]
    bought, lock = [], threading.Lock()

    def buys():
        while not os.path.exists(STOP):
            with lock:
                if not seats:
                    return
                seat = seats.pop()
            story.buys(event, [seat])
            bought.append(seat)
            if len(bought) == BUYERS:
                open(f"{STOP}.begun", "w").close()

    buyers = [threading.Thread(target=buys) for _ in range(BUYERS)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    print(f"   meanwhile {len(bought)} orders were bought")


main()

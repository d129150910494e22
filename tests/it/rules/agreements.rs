//! What a figure is held to: agreements that cover what it counts, limits of its own work, words that tickets have.

use crate::small_book::SmallBook;
use serde_json::Value;

const OUTAGES: &str = "source_key,service,start,end,kind\n1,mail,2026-03-02,2026-03-03,unplanned\n";

fn agreement(id: &str, more: &str) -> String {
    format!("[[agreement]]\nid = \"{id}\"\nservice = \"mail\"\n{more}")
}

#[test]
fn r15_a_service_is_held_to_an_agreement_only_where_that_covers_the_whole_period() {
    // The promise holds from the 16th on and was kept; the outage of the second broke none.
    let half = agreement("half", "valid_from = 2026-03-16\navailability = 99.5\nsatisfaction = 80.0");
    let surveys = "source_key,service,scale,sent_at,answered_at,score\n1,mail,5,2026-03-02 08:00,2026-03-02 09:00,1\n";
    let book = SmallBook::of("UTC").services(&["Mail"]).config(&half).outages(OUTAGES).table("surveys", surveys);
    let march = book.report("2026-03");
    for id in ["availability.percent/service=mail", "satisfaction.csat/service=mail"] {
        assert_eq!((&march.figure(id)["target"], &march.figure(id)["verdict"]), (&Value::Null, &"none".into()), "{id}");
    }
    let own = march.figure("availability.percent/service=mail/agreement=half");
    assert_eq!((&own["value"], &own["verdict"]), (&100.into(), &"met".into()));
    let april = book.report("2026-04");
    assert_eq!(april.figure("availability.percent/service=mail")["target"]["agreement"], "half");
}

#[test]
fn r15_a_customer_is_not_held_to_an_agreement_that_came_after_its_tickets() {
    let goals = "customer = \"acme\"\nresolution = [{ within = \"4h\" }]";
    let old =
        agreement("old", &format!("valid_from = 2026-01-01\nvalid_to = 2026-03-30\nresolution_target = 20.0\n{goals}"));
    let new = agreement("new", &format!("valid_from = 2026-03-30\nresolution_target = 95.0\n{goals}"));
    let tickets = "source_key,type,service,customer,status,opened_at,resolved_at
1,incident,mail,Acme,resolved,2026-03-02 08:00,2026-03-02 09:00
2,incident,mail,Acme,resolved,2026-03-03 08:00,2026-03-03 18:00
";
    let book = SmallBook::of("UTC")
        .services(&["Mail"])
        .config("[[customer]]\nid = \"acme\"\nname = \"Acme\"")
        .config(&old)
        .config(&new)
        .table("tickets", tickets);
    let report = book.report("2026-03");
    for scope in ["customer=acme", "service=mail"] {
        assert_eq!(report.figure(&format!("sla.resolution/{scope}/type=incident"))["target"], Value::Null, "{scope}");
    }
    let own = report.figure("sla.resolution/service=mail/customer=acme/agreement=old/type=incident");
    assert_eq!((&own["value"], &own["verdict"]), (&50.into(), &"met".into()));
}

#[test]
fn workload_counts_the_tickets_of_its_own_agreement_and_volumes_that_lie_wholly_within() {
    let general = agreement(
        "general",
        "valid_from = 2026-01-01\nworkload = [{ metric = \"incident\", per_month = 2.0 }, { metric = \"calls\", per_month = 10.0 }]",
    );
    let own = agreement(
        "own",
        "customer = \"acme\"\nvalid_from = 2026-01-01\nworkload = [{ metric = \"incident\", per_month = 5.0 }]",
    );
    let tickets = "source_key,type,service,customer,opened_at
1,incident,mail,Acme,2026-03-02
2,incident,mail,Acme,2026-03-03
3,incident,mail,,2026-03-04
";
    let volumes = "source_key,service,customer,metric,from,to,value
1,mail,,calls,2026-03-01,2026-04-01,4
2,mail,,calls,2026-03-01,2026-06-01,27
3,mail,Acme,calls,2026-03-01,2026-04-01,9
";
    let book = SmallBook::of("UTC")
        .services(&["Mail"])
        .config("[[customer]]\nid = \"acme\"\nname = \"Acme\"")
        .config(&general)
        .config(&own)
        .tables(&[("tickets", tickets), ("volumes", volumes)]);
    let report = book.report("2026-03");
    let of = |agreement: &str, metric: &str| {
        report.value(&format!("workload.volume/service=mail{agreement}/metric={metric}"))
    };
    assert!((of("/agreement=general", "incident") - 1.0).abs() < 1e-9);
    assert!((of("/customer=acme/agreement=own", "incident") - 2.0).abs() < 1e-9);
    assert!((of("/agreement=general", "calls") - 4.0).abs() < 1e-9);
    let calls = "workload.volume/service=mail/agreement=general/metric=calls";
    assert_eq!(report.left_out(calls), [("not wholly within the period", 1)]);
}

#[test]
fn a_word_that_no_ticket_ever_had_is_said_where_a_clock_waits_for_it() {
    let clock = "resolution = [{ within = \"4h\" }]\nclock = { pause = { status = [\"on hold\", \"Pending\"] }, start = { group = [\"Dsk\"] } }";
    let tickets = "source_key,type,service,group,status,opened_at
1,incident,mail,Desk,pending,2026-03-02
";
    let book = SmallBook::of("UTC").services(&["Mail"]).agreement("sla", "mail", clock).table("tickets", tickets);
    let found = book.report("2026-03");
    assert_eq!(found.finding("clock_word_unknown")["count"], 2);
    let said = found.said("clock_word_unknown");
    assert!(said.contains("\"on hold\" of `pause`") && said.contains("\"Dsk\" of `start`"), "{said}");
}

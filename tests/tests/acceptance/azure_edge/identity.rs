//! Who we are: one token while it is good, a new one when it is not, and a plain word when the chain is broken.

use azure::ErrorKind;
use tests::{Fault, Repeat, Simulator, World};

use super::{company, run, soon, subscription, tenant, vault};

#[test]
fn a_token_is_kept_while_it_is_good_and_one_exchange_serves_all() {
    let simulator = Simulator::start(company());
    let tenant = tenant(&simulator);
    run(async {
        let (first, second) = futures::join!(tenant.vaults(soon()), tenant.items(soon()));
        assert_eq!((first.unwrap().len(), second.unwrap().len()), (1, 4));
        tenant.policies(soon()).await.unwrap();
    });
    assert_eq!((simulator.count("sts"), simulator.count("entra"), simulator.count("azure")), (1, 1, 3));
}

#[test]
fn a_token_that_ends_within_five_minutes_is_renewed() {
    let mut world = company();
    world.azure.token_lasts = 299;
    let simulator = Simulator::start(world);
    let tenant = tenant(&simulator);
    run(async {
        tenant.vaults(soon()).await.unwrap();
        tenant.vaults(soon()).await.unwrap();
    });
    assert_eq!((simulator.count("entra"), simulator.count("azure")), (2, 2));
}

#[test]
fn a_token_that_is_not_taken_is_renewed_once() {
    let simulator = Simulator::start(company());
    let tenant = tenant(&simulator);
    run(tenant.vaults(soon())).unwrap();
    simulator.with_world(|world| world.azure.revoke_tokens());
    assert_eq!(run(tenant.vaults(soon())).unwrap().len(), 1);
    assert_eq!((simulator.count("entra"), simulator.count("azure")), (2, 3));
    simulator.fail("azure", "QueryGraph", Fault::Unauthorized, Repeat::Always);
    simulator.forget_calls();
    assert_eq!(run(tenant.vaults(soon())).unwrap_err().kind, ErrorKind::Denied);
    assert_eq!((simulator.count("entra"), simulator.count("azure")), (1, 2));
}

/// A change that breaks the chain, what kind of error comes of it, and what the error says to look at.
type Broken = (fn(&mut World), ErrorKind, &'static str, &'static str);

#[test]
fn a_broken_chain_says_which_link_and_what_to_compare() {
    let table: [Broken; 2] = [
        (|world| world.azure.trusts_us = false, ErrorKind::Configuration, "AADSTS70021", "subject with the ARN"),
        (
            |world| world.azure.federation_enabled = false,
            ErrorKind::Configuration,
            "OutboundWebIdentityFederationDisabled",
            "enable-outbound-web-identity-federation",
        ),
    ];
    for (break_it, kind, code, compare) in &table {
        let mut world = company();
        break_it(&mut world);
        let simulator = Simulator::start(world);
        let error = run(tenant(&simulator).sign_in(soon())).unwrap_err();
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
        assert_eq!((error.kind, error.code.as_deref()), (*kind, Some(*code)));
        assert!(error.to_string().contains(compare), "{error}");
        assert_eq!(simulator.count("azure"), 0);
    }
}

#[test]
fn another_tenant_or_client_is_named() {
    for (change, code, variable) in [
        ((|world| world.azure.tenant = super::OTHER.to_owned()) as fn(&mut World), "AADSTS90002", "AZURE_TENANT_ID"),
        (|world| world.azure.client = super::OTHER.to_owned(), "AADSTS700016", "AZURE_CLIENT_ID"),
    ] {
        let simulator = Simulator::start(company());
        let tenant = tenant(&simulator);
        simulator.with_world(change);
        let error = run(tenant.sign_in(soon())).unwrap_err();
        assert_eq!(error.code.as_deref(), Some(code));
        assert!(error.to_string().contains(variable), "{error}");
    }
}

#[test]
fn nothing_secret_is_told_by_any_error_or_value() {
    for service in ["sts", "entra", "azure"] {
        for fault in
            [Fault::Denied, Fault::Html(200), Fault::Malformed, Fault::EmptyBody, Fault::NoMembers, Fault::Unauthorized]
        {
            let simulator = Simulator::start(company());
            let subscription = subscription(&simulator);
            simulator.fail(service, "*", fault, Repeat::Always);
            let vault = vault(&simulator);
            let error = run(subscription.policies(&vault, soon())).unwrap_err();
            let told = format!("{error} {} {error:?} {subscription:?}", error.detail());
            assert!(!told.contains("SECRET") && !told.contains("eyJ"), "{service} {fault:?}: {told}");
        }
    }
}

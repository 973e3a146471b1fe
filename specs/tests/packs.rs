//! The packs load, in both profiles.

use specs::contract::Contract;
use specs::{Profile, Spec, vendors};

#[test]
fn every_pack_compiles_in_both_profiles() {
    let expected = ["bridgeport", "github-actions", "northflank", "nuon", "onepassword-connect", "spice", "vault-kv", "voximplant"];
    assert_eq!(vendors(), expected);
    for vendor in vendors() {
        for profile in [Profile::Documented, Profile::Observed] {
            let spec = Spec::Vendor(vendor.clone());
            // Nobody looks again when a pack is loaded.
            let document = spec.document(profile).expect("it can be read");
            assert_eq!(Contract::compile(&vendor, &document).err(), None, "{vendor} {profile:?}");
            let contract = spec.contract(profile).unwrap_or_else(|error| panic!("{vendor} {profile:?}:\n{error}"));
            assert!(!contract.endpoints.is_empty(), "{vendor}");
            let outdated: Vec<_> = contract.warnings.iter().filter(|warning| warning.message.contains("selects nothing")).collect();
            assert!(outdated.is_empty(), "{vendor}: {outdated:?}");
        }
    }
}

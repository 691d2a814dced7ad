//! What an operator watches.

use substrate_prometheus_endpoint::{register, Gauge, PrometheusError, Registry, U64};
use vigil_heartbeat::limits::Metrics;

type Read = fn(&Metrics) -> u64;

/// Name, explanation and source of each figure.
const FIGURES: [(&str, &str, Read); 12] = [
	("received", "Heartbeats that came from peers", |m| {
		m.received
	}),
	("verified", "Heartbeats verified and good", |m| m.verified),
	("bad", "Heartbeats found bad", |m| m.bad),
	("checks", "Pairing equations made", |m| m.checks),
	(
		"dropped_messages",
		"Messages dropped because their sender is muted or exceeded its allowance",
		|m| m.dropped_messages,
	),
	(
		"dropped_full",
		"Heartbeats dropped because a room was full",
		|m| m.dropped_full,
	),
	(
		"stranded",
		"Heartbeats that could not be passed on: no peer to pass them to, or too many hops",
		|m| m.stranded,
	),
	("sent", "Heartbeats sent", |m| m.sent),
	("sent_messages", "Messages sent", |m| m.sent_messages),
	(
		"waiting",
		"Heartbeats that wait for verification now",
		|m| m.waiting,
	),
	("held", "Verified heartbeats kept now", |m| m.held),
	("outbox", "Heartbeats that wait to be sent now", |m| {
		m.outbox
	}),
];

/// The figures as Prometheus shows them, `vigil_heartbeat_…`.
pub(super) struct Published(Vec<(Gauge<U64>, Read)>);

impl Published {
	pub(super) fn register(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
		let Some(registry) = registry else {
			return Ok(Self(Vec::new()));
		};
		let gauges = FIGURES.map(|(name, help, read)| {
			let gauge = Gauge::new(format!("vigil_heartbeat_{name}"), help)?;
			Ok((register(gauge, registry)?, read))
		});
		gauges.into_iter().collect::<Result<_, _>>().map(Self)
	}

	pub(super) fn set(&self, metrics: &Metrics) {
		for (gauge, read) in &self.0 {
			gauge.set(read(metrics));
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_figure_has_a_name_of_its_own() {
		let registry = Registry::new();
		let published = Published::register(Some(&registry)).expect("names differ");
		published.set(&Metrics {
			verified: 7,
			..Default::default()
		});
		let families = registry.gather();
		assert_eq!(families.len(), FIGURES.len());
		let verified = families
			.iter()
			.find(|family| family.get_name() == "vigil_heartbeat_verified")
			.expect("is registered");
		assert_eq!(verified.get_metric()[0].get_gauge().get_value(), 7.0);
	}
}

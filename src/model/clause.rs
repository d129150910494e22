//! Clause numbers of ISO/IEC 20000-1 by edition, with our own short labels and never the standard's text.

use serde::{Deserialize, Serialize};

/// The edition whose clause numbers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum Edition {
    /// ISO/IEC 20000-1:2005.
    E2005,
    /// ISO/IEC 20000-1:2011.
    E2011,
    /// ISO/IEC 20000-1:2018, the default.
    #[default]
    E2018,
}

impl TryFrom<u16> for Edition {
    type Error = String;

    fn try_from(year: u16) -> Result<Self, String> {
        match year {
            2005 => Ok(Self::E2005),
            2011 => Ok(Self::E2011),
            2018 => Ok(Self::E2018),
            other => Err(format!("edition {other} is not known; write 2005, 2011 or 2018")),
        }
    }
}

impl From<Edition> for u16 {
    fn from(edition: Edition) -> u16 {
        match edition {
            Edition::E2005 => 2005,
            Edition::E2011 => 2011,
            Edition::E2018 => 2018,
        }
    }
}

/// A subject of the standard, with its number in each edition (`domain.md` §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// Service reporting.
    Reporting,
    /// Service level management.
    ServiceLevel,
    /// Business relationship and satisfaction.
    Relationship,
    /// Suppliers.
    Supplier,
    /// Demand.
    Demand,
    /// Capacity.
    Capacity,
    /// Budgeting and accounting.
    Budgeting,
    /// Change.
    Change,
    /// Release and deployment.
    Release,
    /// Incident, with major incidents.
    Incident,
    /// Service request.
    Request,
    /// Problem.
    Problem,
    /// Availability.
    Availability,
    /// Continuity.
    Continuity,
}

impl Clause {
    /// Returns the clause number in an edition.
    pub fn number(self, edition: Edition) -> &'static str {
        let (e2018, e2011, e2005) = match self {
            Self::Reporting => ("9.4", "6.2", "6.2"),
            Self::ServiceLevel => ("8.3.3", "6.1", "6.1"),
            Self::Relationship => ("8.3.2", "7.1", "7.2"),
            Self::Supplier => ("8.3.4", "7.2", "7.3"),
            Self::Demand => ("8.4.2", "6.5", "6.5"),
            Self::Capacity => ("8.4.3", "6.5", "6.5"),
            Self::Budgeting => ("8.4.1", "6.4", "6.4"),
            Self::Change => ("8.5.1", "9.2", "9.2"),
            Self::Release => ("8.5.3", "9.3", "10.1"),
            Self::Incident => ("8.6.1", "8.1", "8.2"),
            Self::Request => ("8.6.2", "8.1", "8.2"),
            Self::Problem => ("8.6.3", "8.2", "8.3"),
            Self::Availability => ("8.7.1", "6.3", "6.3"),
            Self::Continuity => ("8.7.2", "6.3", "6.3"),
        };
        match edition {
            Edition::E2018 => e2018,
            Edition::E2011 => e2011,
            Edition::E2005 => e2005,
        }
    }

    /// Returns our own short label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Reporting => "service reporting",
            Self::ServiceLevel => "service levels",
            Self::Relationship => "business relationship",
            Self::Supplier => "suppliers",
            Self::Demand => "demand",
            Self::Capacity => "capacity",
            Self::Budgeting => "budgeting and accounting",
            Self::Change => "change",
            Self::Release => "releases",
            Self::Incident => "incidents",
            Self::Request => "service requests",
            Self::Problem => "problems",
            Self::Availability => "availability",
            Self::Continuity => "continuity",
        }
    }
}

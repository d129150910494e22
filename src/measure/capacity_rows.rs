//! Readings as capacity figures count them: series, local days, and sums by day.
//!
//! Knows the columns of `readings` and what the book says of a resource. Must not know figures. Ten million readings are
//! usual, so every step works on whole columns: texts become numbers once, everything after that is arithmetic and
//! grouping of numbers.

use super::codes::{self, Codes};
use super::local_day::LocalDays;
use super::names;
use crate::model::Catalogue;
use crate::model::catalogue::{ReadingOf, Resource};
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Bits of the segment in the number of a cell.
const SEGMENT_BITS: i64 = 3;
/// Bits of the local day in the number of a cell.
const DAY_BITS: i64 = 32;

/// The readings of one metric of one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The service that it counts for.
    pub service: Option<String>,
    /// The resource.
    pub resource: String,
    /// The metric.
    pub metric: String,
}

/// Readings with everything that no period changes.
#[derive(Debug)]
pub struct Readings {
    /// The canonical columns, with value, threshold, local day, `over` and the number of the series.
    frame: DataFrame,
    /// Series by number, in the order in which the rows name them.
    series: Vec<Series>,
}

/// Sums over readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// Readings, with or without a value.
    pub rows: i64,
    /// Readings with a value.
    pub n: i64,
    /// Sum of the values.
    pub sum: f64,
    /// Greatest value.
    pub greatest: Option<f64>,
    /// Readings over the threshold.
    pub over: i64,
    /// Sum of the limits of readings with a value.
    limits: f64,
    /// How many of them have a limit.
    limited: i64,
}

/// A local day with readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// Its number since 1970-01-01.
    pub number: i32,
    /// Mean of its values.
    pub mean: f64,
    /// Mean of its limits, where readings have one.
    pub limit: Option<f64>,
    /// Its readings with a value.
    pub rows: i64,
}

/// Sums by series and local day, cut at every instant at which a window starts or ends.
#[derive(Debug, Default)]
pub struct Sums {
    bounds: Vec<i64>,
    /// By series: day, segment between two bounds, sums; in the order of days.
    cells: BTreeMap<u32, Vec<(i32, usize, Total)>>,
}

impl Total {
    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.n += other.n;
        self.sum += other.sum;
        self.over += other.over;
        self.limits += other.limits;
        self.limited += other.limited;
        self.greatest = match (self.greatest, other.greatest) {
            (Some(here), Some(there)) => Some(here.max(there)),
            (here, there) => here.or(there),
        };
    }

    /// Returns the mean of the values.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }
}

impl Readings {
    /// Adds to the readings what no period changes: series, the value that is compared, its threshold, the service and
    /// the local day.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn new(frame: &DataFrame, catalogue: &Catalogue, names: &names::Names) -> PolarsResult<Self> {
        let (numbers, series) = numbered(frame, catalogue, names)?;
        let Ruled { services, thresholds, shares } = ruled(&series, catalogue);

        let mut frame = frame.clone();
        let named = frame.column("service")?.as_materialized_series().clone().with_name("service_named".into());
        let taken = |table: polars::prelude::Series, name: &str| -> PolarsResult<Column> {
            Ok(table.take(&numbers)?.with_name(name.into()).into_column())
        };
        let (services, (thresholds, days)) = rayon::join(
            || taken(services.into_series(), "service"),
            || (taken(thresholds.into_series(), "threshold"), local_days(&frame, "at", catalogue)),
        );
        frame.with_column(services?)?;
        frame.with_column(named.into_column())?;
        let value = if shares.any() {
            let share = taken(shares.into_series(), "share")?;
            let mut of = frame.select(["used", "limit"])?;
            of.with_column(share)?;
            let limited = col("limit").gt(lit(0.0));
            let value = when(col("share").not())
                .then(col("used"))
                .when(limited)
                .then(lit(100.0) * col("used") / col("limit"))
                .otherwise(lit(NULL));
            of.lazy().select([value.cast(DataType::Float64).alias("value")]).collect()?.column("value")?.clone()
        } else {
            frame.column("used")?.clone().with_name("value".into())
        };
        frame.with_column(value)?;
        frame.with_column(thresholds?)?;
        frame.with_column(days?.into_column())?;
        let mut frame = frame.lazy().with_column(col("value").gt(col("threshold")).alias("over")).collect()?;
        frame.with_column(numbers.into_column())?;
        Ok(Self { frame, series })
    }

    /// Returns the series with their numbers, in the order of service, resource and metric.
    pub fn series(&self) -> Vec<(u32, &Series)> {
        let mut series: Vec<(u32, &Series)> = (0..).zip(&self.series).collect();
        series.sort_by_key(|(_, series)| *series);
        series
    }

    /// Returns the canonical columns with the measured ones, and a flag for each window.
    ///
    /// # Errors
    /// A polars error where a column is missing, which is a fault of this module.
    pub fn flagged(&self, windows: &[(&str, (i64, i64))]) -> PolarsResult<DataFrame> {
        let flags: Vec<Expr> = windows.iter().map(|(name, (start, end))| between(*start, *end).alias(*name)).collect();
        self.frame.clone().lazy().drop(cols(["series"])).with_columns(flags).collect()
    }

    /// Sums the readings by series and local day, once for all windows.
    ///
    /// # Errors
    /// A polars error where a column is missing, which is a fault of this module.
    pub fn sums(&self, windows: &[(i64, i64)]) -> PolarsResult<Sums> {
        let mut bounds: Vec<i64> =
            windows.iter().filter(|(start, end)| start < end).flat_map(|(start, end)| [*start, *end]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else { return Ok(Sums::default()) };
        let at = || col("at").to_physical();
        let segment = bounds[1..bounds.len() - 1]
            .iter()
            .map(|bound| at().gt_eq(lit(bound * 1_000)).cast(DataType::Int64))
            .fold(lit(0_i64), |sum, passed| sum + passed);
        // One number holds series, day and segment: grouping by it costs no more than grouping by one of them.
        let day = col("day").cast(DataType::Int64) + lit(1_i64 << (DAY_BITS - 1));
        let cell = (col("series").cast(DataType::Int64) * lit(1_i64 << DAY_BITS) + day) * lit(1_i64 << SEGMENT_BITS);
        let known = || col("value").is_not_null();
        let mut rows = self
            .frame
            .clone()
            .lazy()
            .filter(between(*first, *last))
            .select([
                (cell + segment).alias("cell"),
                col("value"),
                col("over"),
                when(known()).then(col("limit")).otherwise(lit(NULL)).cast(DataType::Float64).alias("limit"),
            ])
            .collect()?;
        mark_if_sorted(&mut rows, "cell")?;
        let sums = rows
            .lazy()
            .group_by([col("cell")])
            .agg([
                len().cast(DataType::Int64).alias("rows"),
                col("value").count().cast(DataType::Int64).alias("n"),
                col("value").sum().alias("sum"),
                col("value").max().alias("greatest"),
                col("over").sum().cast(DataType::Int64).alias("over_n"),
                col("limit").sum().alias("limits"),
                col("limit").count().cast(DataType::Int64).alias("limited"),
            ])
            .sort(["cell"], SortMultipleOptions::default())
            .collect()?;
        let (cell, whole) = (sums.column("cell")?.i64()?, |name: &str| sums.column(name)?.i64());
        let (rows, n, over, limited) = (whole("rows")?, whole("n")?, whole("over_n")?, whole("limited")?);
        let number = |name: &str| sums.column(name)?.f64();
        let (sum, greatest, limits) = (number("sum")?, number("greatest")?, number("limits")?);
        let mut cells: BTreeMap<u32, Vec<(i32, usize, Total)>> = BTreeMap::new();
        for row in 0..sums.height() {
            let Some((series, day, segment)) = cell.get(row).and_then(cell_parts) else { continue };
            let total = Total {
                rows: rows.get(row).unwrap_or(0),
                n: n.get(row).unwrap_or(0),
                sum: sum.get(row).unwrap_or(0.0),
                greatest: greatest.get(row),
                over: over.get(row).unwrap_or(0),
                limits: limits.get(row).unwrap_or(0.0),
                limited: limited.get(row).unwrap_or(0),
            };
            cells.entry(series).or_default().push((day, segment, total));
        }
        Ok(Sums { bounds, cells })
    }

    /// Returns the 95th percentile of the values of a window by series, from the readings themselves (rule R17).
    ///
    /// # Errors
    /// A polars error where a column is missing, which is a fault of this module.
    pub fn percentile_95(&self, (start, end): (i64, i64)) -> PolarsResult<BTreeMap<u32, f64>> {
        let mut rows = self
            .frame
            .clone()
            .lazy()
            .filter(between(start, end).and(col("value").is_not_null()))
            .select([col("series"), col("value")])
            .collect()?;
        mark_if_sorted(&mut rows, "series")?;
        // Groups are worked on side by side.
        let found = rows
            .lazy()
            .group_by([col("series")])
            .agg([col("value").quantile(lit(0.95), QuantileMethod::Linear)])
            .collect()?;
        let (series, value) = (found.column("series")?.u32()?, found.column("value")?.f64()?);
        Ok((0..found.height()).filter_map(|row| Some((series.get(row)?, value.get(row)?))).collect())
    }
}

impl Sums {
    fn segments(&self, (start, end): (i64, i64)) -> Range<usize> {
        let place = |at: i64| self.bounds.partition_point(|bound| *bound < at);
        if start < end { place(start)..place(end) } else { 0..0 }
    }

    fn cells(&self, series: u32, window: (i64, i64)) -> impl Iterator<Item = (i32, &Total)> {
        let within = self.segments(window);
        let cells = self.cells.get(&series).map_or(&[][..], Vec::as_slice);
        cells.iter().filter(move |(_, segment, _)| within.contains(segment)).map(|(day, _, total)| (*day, total))
    }

    /// Returns the sums of a series over a window that was asked for.
    pub fn total(&self, series: u32, window: (i64, i64)) -> Total {
        let mut total = Total::default();
        self.cells(series, window).for_each(|(_, cell)| total.add(cell));
        total
    }

    /// Returns the days of a series in a window that was asked for; days without a value are none, and a day at the
    /// window's edge is cut.
    pub fn days(&self, series: u32, window: (i64, i64)) -> Vec<Day> {
        let mut totals: Vec<(i32, Total)> = Vec::new();
        for (day, cell) in self.cells(series, window) {
            match totals.last_mut() {
                Some((last, total)) if *last == day => total.add(cell),
                _ => totals.push((day, *cell)),
            }
        }
        let day = |(number, total): (i32, Total)| {
            let limit = (total.limited > 0).then(|| total.limits / total.limited as f64);
            Some(Day { number, mean: total.mean()?, limit, rows: total.n })
        };
        totals.into_iter().filter_map(day).collect()
    }
}

fn between(start: i64, end: i64) -> Expr {
    let at = || col("at").to_physical();
    at().gt_eq(lit(start * 1_000)).and(at().lt(lit(end * 1_000)))
}

fn cell_parts(cell: i64) -> Option<(u32, i32, usize)> {
    let segment = usize::try_from(cell & ((1 << SEGMENT_BITS) - 1)).ok()?;
    let day = (cell >> SEGMENT_BITS & ((1 << DAY_BITS) - 1)) - (1 << (DAY_BITS - 1));
    Some((u32::try_from(cell >> (SEGMENT_BITS + DAY_BITS)).ok()?, i32::try_from(day).ok()?, segment))
}

/// Says of a column that it is sorted where it is: rows that come resource by resource, in the order of time, are then
/// grouped as runs.
fn mark_if_sorted(frame: &mut DataFrame, column: &str) -> PolarsResult<()> {
    let mut marked = frame.column(column)?.as_materialized_series().clone();
    let sorted = match marked.dtype() {
        DataType::Int64 => marked.i64()?.rechunk().cont_slice().is_ok_and(<[_]>::is_sorted),
        DataType::UInt32 => marked.u32()?.rechunk().cont_slice().is_ok_and(<[_]>::is_sorted),
        _ => false,
    };
    if sorted {
        marked.set_sorted_flag(polars::series::IsSorted::Ascending);
        frame.with_column(marked.into_column())?;
    }
    Ok(())
}

/// Returns the local days of a column of instants, as their numbers since 1970-01-01.
///
/// # Errors
/// A polars error where the column is missing.
pub fn local_days(frame: &DataFrame, at: &str, catalogue: &Catalogue) -> PolarsResult<Int32Chunked> {
    let at = frame.column(at)?.as_materialized_series().to_physical_repr().into_owned();
    let at = at.i64()?;
    let days = LocalDays::new(catalogue.zone, at.min().unwrap_or(0), at.max().unwrap_or(0));
    let parts: Vec<Int32Chunked> = codes::starts(at.len())
        .map(|start| arity::unary_elementwise_values(&codes::part(at, start), |at| days.number(at)))
        .collect();
    let mut numbers = Int32Chunked::full_null("day".into(), 0);
    for part in parts {
        numbers.append_owned(part)?;
    }
    Ok(numbers.rechunk().into_owned())
}

/// What config says of series, one value each: the service, the threshold, and whether shares are compared with it.
pub struct Ruled {
    /// The service.
    pub services: StringChunked,
    /// The threshold; none where no resource of that name and metric is in config.
    pub thresholds: Float64Chunked,
    /// Whether the share of the limit is compared, and not the value itself.
    pub shares: BooleanChunked,
}

/// Returns what config says of series.
pub fn ruled(series: &[Series], catalogue: &Catalogue) -> Ruled {
    let rules: BTreeMap<(&str, &str), &Resource> =
        catalogue.resources.iter().map(|r| ((r.id.as_str(), r.metric.as_str()), r)).collect();
    let rule = |series: &Series| rules.get(&(series.resource.as_str(), series.metric.as_str())).copied();
    Ruled {
        services: series.iter().map(|series| series.service.as_deref()).collect(),
        thresholds: series.iter().map(|series| rule(series).map(|r| r.threshold)).collect(),
        shares: series.iter().map(|series| Some(rule(series).is_some_and(|r| r.of == ReadingOf::Share))).collect(),
    }
}

/// Numbers the series of rows by service, resource and metric: the number of each row's series, and the series in the
/// order in which the rows name them.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn numbered(
    frame: &DataFrame,
    catalogue: &Catalogue,
    names: &names::Names,
) -> PolarsResult<(UInt32Chunked, Vec<Series>)> {
    let (codes, triples) = series_of(frame)?;
    let rules: BTreeMap<(&str, &str), &Resource> =
        catalogue.resources.iter().map(|r| ((r.id.as_str(), r.metric.as_str()), r)).collect();
    let (mut series, mut of_series): (Vec<Series>, HashMap<Series, u32>) = (Vec::new(), HashMap::new());
    let mut of_code = Vec::with_capacity(triples.len());
    for (named, resource, metric) in triples {
        let (resource, metric) = (resource.unwrap_or_default(), metric.unwrap_or_default());
        let known = named.as_deref().and_then(|name| names.find(names::Of::Service, name));
        let service = rules.get(&(resource.as_str(), metric.as_str())).map(|rule| rule.service.as_str()).or(known);
        let key = Series { service: service.map(str::to_owned), resource, metric };
        // Two names of one service are one series.
        let next = u32::try_from(series.len()).unwrap_or(u32::MAX);
        of_code.push(*of_series.entry(key.clone()).or_insert_with(|| {
            series.push(key);
            next
        }));
    }
    let numbers: UInt32Chunked = UInt32Chunked::from_vec(
        "series".into(),
        codes.into_par_iter().map(|code| of_code.get(code as usize).copied().unwrap_or(0)).collect(),
    );
    Ok((numbers, series))
}

type Triple = (Option<String>, Option<String>, Option<String>);

/// Numbers the rows by what they say in service, resource and metric; returns the numbers and what each stands for. A
/// join would build a key of all three columns for each row, which at ten million rows is gigabytes.
fn series_of(frame: &DataFrame) -> PolarsResult<(Vec<u32>, Vec<Triple>)> {
    let numbered = |name: &str| PolarsResult::Ok(Codes::new(frame.column(name)?.str()?));
    let (services, resources, metrics) = (numbered("service")?, numbered("resource")?, numbered("metric")?);
    let (of_row, pairs) = codes::pairs(services.numbered(), resources.numbered());
    let (of_row, triples) = codes::pairs((&of_row, pairs.len()), metrics.numbered());
    let triple = |(pair, metric): (u32, u32)| {
        let (service, resource) = pairs.get(pair as usize).copied().unwrap_or_default();
        let owned = |codes: &Codes, code: u32| codes.word(code).map(str::to_owned);
        (owned(&services, service), owned(&resources, resource), owned(&metrics, metric))
    };
    Ok((of_row, triples.into_iter().map(triple).collect()))
}

#[cfg(test)]
mod tests;

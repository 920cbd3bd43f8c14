using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Runs;

/// <summary>
/// Where the records of runs are. A partition an experiment, so that a run's summary, its tasks, its lease and the task cache are
/// written in one transaction:
/// <code>
/// {workspace}|{experiment}   r|{run}                        the run's summary
///                            t|{run}|{task path}|{attempt}  a task record
///                            s|{run}|{signal}               a signal to the run
///                            w|{run}|{key}                  when a wait of the run is over
///                            l|{run}                        the lease of the one who drives it
///                            c|{digest}                     the task cache
///                            m|{run}|{row}                  points of metrics, up to a thousand a row
///                            h|{host}                       which runs a host changed last
/// </code>
/// The index finds things: experiments, runs by id and by time, runs that have not ended.
/// </summary>
public sealed class RunKeys(string workspace)
{
    /// <summary>The maximum length of a name in a key: a key has up to 512 characters, and escaping may triple one.</summary>
    private const int MaxPathLength = 140;

    public string RunsById { get; } = Keys.Join(workspace, "runs");

    public string RunsByTime { get; } = Keys.Join(workspace, "runs-by-time");

    public string OpenRuns { get; } = Keys.Join(workspace, "open-runs");

    public string Experiment(string id) => Keys.Join(workspace, id);

    public static string Run(string runId) => Keys.Join("r", runId);

    public const string RunPrefix = "r|";

    public static string Metrics(string runId) => Keys.Join("m", runId, "");

    public static string MetricRow(string runId, int row) => Keys.Join("m", runId, row.ToString("D8", CultureInfo.InvariantCulture));

    public const string HostPrefix = "h|";

    public static string Host(string host) => Keys.Join("h", host);

    public static string Lease(string runId) => Keys.Join("l", runId);

    public static string Tasks(string runId) => Keys.Join("t", runId, "");

    public static string Task(string runId, string path, int attempt) =>
        Keys.Join("t", runId, Bounded(path, MaxPathLength), attempt.ToString("D3", CultureInfo.InvariantCulture));

    public static string Attempts(string runId, string path) => Keys.Join("t", runId, Bounded(path, MaxPathLength), "");

    public static string Signals(string runId) => Keys.Join("s", runId, "");

    public static string Signal(string runId, string name) => Keys.Join("s", runId, Bounded(name, MaxPathLength));

    public static string Timers(string runId) => Keys.Join("w", runId, "");

    public static string Timer(string runId, string key) => Keys.Join("w", runId, Bounded(key, MaxPathLength));

    public const string CachePrefix = "c|";

    public static string CacheEntry(string digest) => Keys.Join("c", digest);

    /// <summary>Truncates a name that is too long for a key and makes it unique by its digest. The record contains the full name.</summary>
    public static string Bounded(string name, int length)
    {
        if (name.Length <= length)
        {
            return name;
        }

        var kept = length - 33;
        return name[..(char.IsHighSurrogate(name[kept - 1]) ? kept - 1 : kept)]
            + "."
            + Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(name)));
    }
}

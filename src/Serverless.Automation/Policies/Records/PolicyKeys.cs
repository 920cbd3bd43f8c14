using System.Globalization;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Policies.Records;

/// <summary>
/// The keys of policies. One partition per workspace, so that a decision, its event and its state are one transaction, and a tick of
/// the scheduler is one read for any number of models:
/// <code>
/// {workspace}    s|{model}                     the state of the policy
///                p|{model}|{revision}          a revision of the policy
///                e|{model}|{event}             a processed event
///                d|{model}|{newest first}|{id} the decision log
///                u|{dataset}|{event}           an upload and its result
///                t|{dataset}|{event}|{id}      a try to read an upload that has not ended well
///                r                             the next time of the retention cleanup
/// </code>
/// </summary>
internal sealed class PolicyKeys(string workspace)
{
    private const long NewestFirstOf = 9_999_999_999L;

    public const string States = "s|";

    public const string Events = "e|";

    public const string AllUploads = "u|";

    public const string Retention = "r";

    public string Partition { get; } = Keys.Join(workspace);

    public static string State(string model) => Keys.Join("s", Keys.Bounded(model));

    public static string Revisions(string model) => Keys.Join("p", Keys.Bounded(model), "");

    public static string Revision(string model, int revision) => Keys.Join("p", Keys.Bounded(model), NewestFirst(revision));

    public static string Event(string model, string key) => Keys.Join("e", Keys.Bounded(model), Keys.Bounded(key));

    public static string Decisions(string model) => Keys.Join("d", Keys.Bounded(model), "");

    public static string Decision(string model, long number) => Keys.Join("d", Keys.Bounded(model), NewestFirst(number));

    public static long NumberOf(string decisionKey) =>
        NewestFirstOf - long.Parse(Keys.Split(decisionKey)[^1], CultureInfo.InvariantCulture);

    public static string Uploads(string dataset) => Keys.Join("u", Keys.Bounded(dataset), "");

    public static string Upload(string dataset, string key) => Keys.Join("u", Keys.Bounded(dataset), key);

    public static string Tries(string dataset, string key) => Keys.Join("t", Keys.Bounded(dataset), key, "");

    private static string NewestFirst(long number) => (NewestFirstOf - number).ToString("D10", CultureInfo.InvariantCulture);
}

using System.Globalization;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Policies.Records;

/// <summary>
/// Where policies are. One partition a workspace, so that a decision, the event it answers and the state it was made on are one
/// transaction, and a tick of the scheduler is one read, however many models there are:
/// <code>
/// {workspace}    s|{model}                     where the policy stands
///                p|{model}|{revision}          the policy as it was applied
///                e|{model}|{event}             an event that was answered
///                d|{model}|{newest first}|{id} the decision log
///                u|{dataset}|{event}           an upload, and what became of it
///                t|{dataset}|{event}|{id}      a try to read an upload that has not ended well
///                r                             when what is old is deleted next
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

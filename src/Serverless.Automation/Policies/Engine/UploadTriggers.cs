using System.Globalization;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;

namespace Serverless.Automation.Policies.Engine;

/// <summary>The finding of a trigger: whether it fires, what it evaluated, and why.</summary>
internal sealed record TriggerFinding(string Trigger, bool Fires, string LookedAt, string Why, string? Report = null)
{
    /// <summary>The version that could not be used or evaluated. Null if all went well.</summary>
    public int? FailedVersion { get; init; }

    /// <summary>The version in Production that the finding is about; null if it holds whatever is there.</summary>
    public int? Champion { get; init; }
}

/// <summary>Evaluates the triggers that depend on uploads.</summary>
internal static class UploadTriggers
{
    public static string NameOf(UploadRecord upload) =>
        upload.Version is { } version
            ? string.Create(CultureInfo.InvariantCulture, $"{upload.File}, {upload.Dataset} version {version}, {upload.Rows:N0} rows")
            : $"{upload.File} of {upload.Dataset}";

    /// <returns>The state with the evaluated windows, and a finding for each trigger.</returns>
    public static (PolicyState State, IReadOnlyList<TriggerFinding> Findings) Look(
        PolicyState state,
        TrainingPolicy policy,
        UploadRecord upload,
        IReadOnlyList<InboxVersion> versions
    )
    {
        var findings = new List<TriggerFinding>();
        var windows = new Dictionary<string, IReadOnlyList<DriftWindowRecord>>(state.Windows);
        foreach (var trigger in policy.Triggers)
        {
            if (trigger is DriftTrigger drift && drift.Dataset == upload.Dataset)
            {
                findings.Add(Drift(drift, state.Model, upload, windows));
            }
            else if (trigger is NewDataTrigger fresh && fresh.Dataset == upload.Dataset)
            {
                findings.Add(NewData(fresh, state, upload, versions));
            }
        }

        if (findings.Count == 0)
        {
            findings.Add(
                new TriggerFinding("upload", false, NameOf(upload), "no trigger of the policy uses this dataset; the next run trains on it")
            );
        }

        return (state with { Windows = windows }, findings);
    }

    private static TriggerFinding Drift(
        DriftTrigger trigger,
        string model,
        UploadRecord upload,
        Dictionary<string, IReadOnlyList<DriftWindowRecord>> windows
    )
    {
        if (upload.Drift.FirstOrDefault(d => d.Model == model && d.Trigger == trigger.Name) is not { } seen)
        {
            // The policy was changed after the upload was read.
            return new TriggerFinding(trigger.Name, false, NameOf(upload), "it was read before this trigger existed; upload it again");
        }

        windows[trigger.Name] =
        [
            .. windows.GetValueOrDefault(trigger.Name) ?? [],
            new DriftWindowRecord(upload.Key, seen.HasDrifted, seen.Share),
        ];
        windows[trigger.Name] = [.. windows[trigger.Name].TakeLast(trigger.OfWindows)];
        var drifted = windows[trigger.Name].Count(w => w.HasDrifted);
        var fires = seen.HasDrifted && drifted >= trigger.InWindows;
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"{seen.DriftedColumns} of {seen.Columns} columns drifted from "
                + $"{seen.Reference}{DriftedNames(seen)}, "
                + $"{(seen.IsWeighted ? "by weight " : "")}{seen.Share:0.0%} (threshold {seen.Threshold:0.0%})"
        );
        var of =
            trigger.OfWindows == 1
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"; {drifted} of the last {windows[trigger.Name].Count} windows drifted (threshold {trigger.InWindows} of "
                        + $"{trigger.OfWindows})"
                );
        var alike = seen.Unweighed is null ? "" : $"; all columns count equally because {seen.Unweighed}";
        return new TriggerFinding(trigger.Name, fires, $"{NameOf(upload)}, preset {seen.Preset}", found + of + alike, seen.Report);
    }

    private static string DriftedNames(DriftFinding seen) =>
        seen.Names.Count == 0 ? "" : $" ({string.Join(", ", seen.Names)}{(seen.DriftedColumns > seen.Names.Count ? ", …" : "")})";

    private static TriggerFinding NewData(
        NewDataTrigger trigger,
        PolicyState state,
        UploadRecord upload,
        IReadOnlyList<InboxVersion> versions
    )
    {
        var learned = state.Trained.GetValueOrDefault(trigger.Dataset);
        var fresh = versions.Where(v => v.Version > learned && v.Version <= (upload.Version ?? int.MaxValue)).ToList();
        var rows = fresh.Sum(v => v.Rows);
        var fires = (trigger.Rows is { } r && rows >= r) || (trigger.Files is { } f && fresh.Count >= f);
        var wanted = string.Join(
            " or ",
            new[]
            {
                trigger.Rows is { } mostRows ? string.Create(CultureInfo.InvariantCulture, $"{mostRows:N0} rows") : null,
                trigger.Files is { } mostFiles ? string.Create(CultureInfo.InvariantCulture, $"{mostFiles} files") : null,
            }.OfType<string>()
        );
        return new TriggerFinding(
            trigger.Name,
            fires,
            NameOf(upload),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{rows:N0} rows in {fresh.Count} files since the last run that trained on it (threshold {wanted})"
            )
        );
    }
}

using System.Text.RegularExpressions;
using Serverless.Core;

namespace Serverless.Dvc.Reading;

/// <summary>A finding. <paramref name="Type"/> is DVC's name of the error, so that both can be compared.</summary>
internal sealed record Finding(string Type, string Message, string File, int Line, string? Fix = null);

/// <summary>Collects all findings so that the user sees them at once.</summary>
internal sealed partial class Findings(string file)
{
    private readonly List<Finding> all = [];
    private readonly HashSet<(string, int, string)> seen = [];

    /// <summary>Gets the name of the pipeline file in messages.</summary>
    public string File { get; } = file;

    /// <summary>Gets the findings in DVC's order.</summary>
    public IReadOnlyList<Finding> All => all;

    public void Add(string type, string message, int line, string? fix = null, string? inFile = null)
    {
        var finding = new Finding(type, message, inFile ?? File, line, fix);
        // The same mistake in every iteration of a loop is reported once.
        var told = type is Errors.Own or Errors.Validation ? Turn().Replace(message, "@") : message;
        if (seen.Add((finding.File, line, told)))
        {
            all.Add(finding);
        }
    }

    /// <summary>Adds the findings of another reader.</summary>
    public void Add(string type, ServerlessException wrong)
    {
        foreach (var d in wrong.Diagnostics.DefaultIfEmpty(new Diagnostic(File, 0, wrong.Message, wrong.Fix)))
        {
            Add(type, d.Message, d.Line, d.Fix, d.File);
        }
    }

    public void ThrowIfAny(string path)
    {
        if (all.Count > 0)
        {
            var count = all.Count == 1 ? "one error" : $"{all.Count} errors";
            throw ServerlessException.Invalid(
                $"'{path}' has {count}. Nothing was started.",
                [
                    .. all.OrderBy(f => f.File != File)
                        .ThenBy(f => f.File, StringComparer.Ordinal)
                        .ThenBy(f => f.Line)
                        .Select(f => new Diagnostic(f.File, f.Line, f.Message, f.Fix)),
                ]
            );
        }
    }

    [GeneratedRegex("@[^']*(?=')", RegexOptions.CultureInvariant)]
    private static partial Regex Turn();
}

/// <summary>DVC's names of errors.</summary>
internal static class Errors
{
    public const string Resolve = "ResolveError";
    public const string Type = "TypeError";
    public const string EntryNotFound = "EntryNotFound";
    public const string Validation = "YAMLValidationError";
    public const string Syntax = "YAMLSyntaxError";
    public const string ParamsFile = "ParseError";
    public const string Cycle = "CyclicGraphError";
    public const string DuplicateOutput = "OutputDuplicationError";
    public const string Overlap = "OverlappingOutputPathsError";
    public const string StageInOutput = "StagePathAsOutputError";
    public const string MissingDependency = "DependencyDoesNotExistError";
    public const string MissingParams = "MissingParamsError";
    public const string MissingData = "MissingDataSource";
    public const string StageName = "InvalidStageName";

    /// <summary>An error that DVC does not have: an invalid additional key, or an unsupported address.</summary>
    public const string Own = "InvalidPipeline";
}

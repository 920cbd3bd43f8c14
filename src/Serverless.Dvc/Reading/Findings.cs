using System.Text.RegularExpressions;
using Serverless.Core;

namespace Serverless.Dvc.Reading;

/// <summary>Something wrong. <paramref name="Type"/> is DVC's name for the error, so that both can be compared.</summary>
internal sealed record Finding(string Type, string Message, string File, int Line, string? Fix = null);

/// <summary>Collects all that is wrong, so that a person sees it at once.</summary>
internal sealed partial class Findings(string file)
{
    private readonly List<Finding> all = [];
    private readonly HashSet<(string, int, string)> seen = [];

    /// <summary>The pipeline file, as messages name it.</summary>
    public string File { get; } = file;

    /// <summary>In the order in which DVC would come upon them.</summary>
    public IReadOnlyList<Finding> All => all;

    public void Add(string type, string message, int line, string? fix = null, string? inFile = null)
    {
        var finding = new Finding(type, message, inFile ?? File, line, fix);
        // The same mistake in every turn of a loop is one mistake.
        var told = type is Errors.Own or Errors.Validation ? Turn().Replace(message, "@") : message;
        if (seen.Add((finding.File, line, told)))
        {
            all.Add(finding);
        }
    }

    /// <summary>Takes over what another reader found.</summary>
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
                $"'{path}' has {count}: nothing was started.",
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

    /// <summary>What DVC does not have: a key of our own is wrong, or an address that we cannot reach.</summary>
    public const string Own = "InvalidPipeline";
}

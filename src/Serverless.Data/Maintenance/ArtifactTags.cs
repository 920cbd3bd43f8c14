using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Data.Git;
using Serverless.Data.Repositories;

namespace Serverless.Data.Maintenance;

/// <summary>The part of a version number to increment.</summary>
public enum VersionPart
{
    Major,
    Minor,
    Patch,
}

/// <summary>A version of an artifact and its commit.</summary>
public sealed record ArtifactVersion(string Version, string Commit);

/// <summary>The state of an artifact according to the tags of a repository.</summary>
/// <param name="Stages">The version in each stage.</param>
public sealed record TaggedArtifact(
    string Name,
    IReadOnlyList<ArtifactVersion> Versions,
    IReadOnlyDictionary<string, string> Stages,
    IReadOnlySet<string> Deprecated
);

/// <summary>
/// Manages versions and stages of artifacts as git tags with GTO's names: `name@v1.2.3`, `name@v1.2.3!` (deprecated), `name#prod#1`,
/// `name#prod!#2` (unassigned), `name@deprecated`. An artifact of a subfolder is `dir=name`.
/// </summary>
public sealed partial class ArtifactTags
{
    private readonly GitTool git;
    private readonly List<(string Tag, Match Parts, string Commit)> tags;

    private ArtifactTags(GitTool git)
    {
        this.git = git;
        tags = [.. git.Tags().Select(t => (t.Name, Match: Form().Match(t.Name), t.Commit)).Where(t => t.Match.Success)];
    }

    public static ArtifactTags Open(Repository repository) =>
        new(
            new GitTool(
                repository.GitRoot
                    ?? throw ServerlessException.Invalid("The repository is not under git, so it has no tags.", "Run `git init` first.")
            )
        );

    public IReadOnlyList<TaggedArtifact> List() =>
        [.. tags.GroupBy(t => t.Parts.Groups["name"].Value).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Of(g.Key))];

    /// <summary>Creates the next version, or the given one.</summary>
    /// <returns>The tag.</returns>
    public string Register(string name, string reference, string? version, VersionPart bump)
    {
        name = NameOf(name);
        var commit = git.Resolve(reference);
        var known = Of(name);
        if (version is not null && !Semantic().IsMatch(version))
        {
            throw ServerlessException.Invalid($"Version '{version}' is not valid.", "Use the form v1.2.3.");
        }

        if (known.Versions.FirstOrDefault(v => v.Commit == commit) is { } same)
        {
            throw ServerlessException.Conflict(
                $"Version '{same.Version}' of '{name.Replace('=', ':')}' already refers to this commit.",
                "Create a new commit, or name another commit."
            );
        }

        version ??= Next(known.Versions.Count == 0 ? null : known.Versions[^1].Version, bump);
        return known.Versions.Any(v => v.Version == version)
            ? throw ServerlessException.Conflict(
                $"Version '{version}' of '{name.Replace('=', ':')}' already exists.",
                "Versions never change. Use the next version."
            )
            : Make($"{name}@{version}", commit, $"Registering artifact {name.Replace('=', ':')} version {version}");
    }

    public string Assign(string name, string stage, string? version, string? reference)
    {
        name = NameOf(name);
        CheckStage(stage);
        var known = Of(name);
        var found =
            version is not null ? known.Versions.FirstOrDefault(v => v.Version == version)
            : reference is not null ? known.Versions.FirstOrDefault(v => v.Commit == git.Resolve(reference))
            : known.Versions.Count > 0 ? known.Versions[^1]
            : null;
        if (found is null && version is null && reference is not null)
        {
            Register(name.Replace('=', ':'), reference, null, VersionPart.Patch);
            return new ArtifactTags(git).Assign(name.Replace('=', ':'), stage, null, reference);
        }

        return found is null
                ? throw ServerlessException.NotFound(
                    $"'{name.Replace('=', ':')}' has no such version.",
                    "Register one with `mlops tag register`."
                )
            : known.Stages.GetValueOrDefault(stage) == found.Version
                ? throw ServerlessException.Conflict($"Version '{found.Version}' is already in '{stage}'.")
            : Make(
                $"{name}#{stage}#{NextNumber(name)}",
                found.Commit,
                $"Assigning stage {stage} to artifact {name.Replace('=', ':')} version {found.Version}"
            );
    }

    public string Unassign(string name, string stage, string? version)
    {
        name = NameOf(name);
        CheckStage(stage);
        var known = Of(name);
        var current = known.Stages.GetValueOrDefault(stage);
        return current is null || (version is not null && version != current)
            ? throw ServerlessException.NotFound(
                $"'{name.Replace('=', ':')}' has no version in '{stage}'{(version is null ? "" : $" that is {version}")}.",
                "List the versions and stages with `mlops tag show`."
            )
            : Make(
                $"{name}#{stage}!#{NextNumber(name)}",
                known.Versions.First(v => v.Version == current).Commit,
                $"Unassigning stage {stage} from artifact {name.Replace('=', ':')} version {current}"
            );
    }

    public string Deprecate(string name, string? version)
    {
        name = NameOf(name);
        var known = Of(name);
        return known.Versions.Count == 0
                ? throw ServerlessException.NotFound(
                    $"Artifact '{name.Replace('=', ':')}' does not exist.",
                    "List the artifacts with `mlops tag show`."
                )
            : version is null ? Make($"{name}@deprecated", known.Versions[^1].Commit, $"Deprecating artifact {name.Replace('=', ':')}")
            : known.Versions.FirstOrDefault(v => v.Version == version) is { } found
                ? Make($"{name}@{version}!", found.Commit, $"Deregistering artifact {name.Replace('=', ':')} version {version}")
            : throw ServerlessException.NotFound($"'{name.Replace('=', ':')}' has no version '{version}'.");
    }

    private TaggedArtifact Of(string name)
    {
        var own = tags.Where(t => t.Parts.Groups["name"].Value == name).ToList();
        var versions = own.Where(t => t.Parts.Groups["version"].Success && !t.Parts.Groups["gone"].Success)
            .Select(t => new ArtifactVersion(t.Parts.Groups["version"].Value, t.Commit))
            .OrderBy(v => Numbers(v.Version))
            .ToList();
        var deprecated = own.Where(t => t.Parts.Groups["gone"].Success && t.Parts.Groups["version"].Success)
            .Select(t => t.Parts.Groups["version"].Value)
            .ToHashSet(StringComparer.Ordinal);
        if (own.Exists(t => t.Tag.EndsWith("@deprecated", StringComparison.Ordinal)))
        {
            deprecated.UnionWith(versions.Select(v => v.Version));
        }

        var stages = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in own.Where(t => t.Parts.Groups["stage"].Success).OrderBy(NumberOf))
        {
            var stage = tag.Parts.Groups["stage"].Value;
            if (tag.Parts.Groups["out"].Success)
            {
                stages.Remove(stage);
            }
            else if (versions.FindLast(v => v.Commit == tag.Commit) is { } version)
            {
                stages[stage] = version.Version;
            }
        }

        return new TaggedArtifact(name.Replace('=', ':'), versions, stages, deprecated);
    }

    private string Make(string tag, string commit, string message)
    {
        git.MakeTag(tag, commit, message);
        return tag;
    }

    private int NextNumber(string name) =>
        tags.Where(t => t.Parts.Groups["name"].Value == name && t.Parts.Groups["stage"].Success).Select(NumberOf).DefaultIfEmpty(0).Max()
        + 1;

    private static int NumberOf((string Tag, Match Parts, string Commit) tag) =>
        int.TryParse(tag.Parts.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Next(string? last, VersionPart bump)
    {
        if (last is null)
        {
            return "v0.0.1";
        }

        var (major, minor, patch) = Numbers(last);
        return bump switch
        {
            VersionPart.Major => $"v{major + 1}.0.0",
            VersionPart.Minor => $"v{major}.{minor + 1}.0",
            _ => $"v{major}.{minor}.{patch + 1}",
        };
    }

    private static (int Major, int Minor, int Patch) Numbers(string version)
    {
        var parts = version[1..]
            .Split('.')
            .Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0)
            .ToArray();
        return (parts[0], parts[1], parts[2]);
    }

    private static string NameOf(string name) =>
        Name().IsMatch(name)
            ? name.Replace(':', '=')
            : throw ServerlessException.Invalid(
                $"Invalid artifact name '{name}'.",
                "Use lower-case letters, digits and '-', starting with a letter. For a subfolder, use `folder:name`."
            );

    private static void CheckStage(string stage)
    {
        if (!Name().IsMatch(stage) || stage.Contains(':', StringComparison.Ordinal))
        {
            throw ServerlessException.Invalid(
                $"Invalid stage name '{stage}'.",
                "Use lower-case letters, digits and '-', starting with a letter."
            );
        }
    }

    [GeneratedRegex(
        "^(?<name>[^@#!]+)(@(?<version>v\\d+\\.\\d+\\.\\d+)(?<gone>!)?(#\\d+)?|@deprecated(#\\d+)?|"
            + "#(?<stage>[^@#!]+)(?<out>!)?(#(?<number>\\d+))?)$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Form();

    [GeneratedRegex("^v\\d+\\.\\d+\\.\\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex Semantic();

    [GeneratedRegex("^([A-Za-z0-9_./-]+:)?[a-z]([a-z0-9-/]*[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

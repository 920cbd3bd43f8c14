using System.CommandLine;
using Serverless.Data.Maintenance;

namespace Serverless.Local.Commands.Data;

/// <summary>Versions and stages of artifacts as git tags, with GTO's names: `churn@v1.2.0`, `churn#prod#1`.</summary>
internal static class TagCommand
{
    public static Command Create() =>
        new Command("tag", "Versions and stages of artifacts, as git tags with GTO's names.")
        {
            Register(),
            Assign(),
            Unassign(),
            Deprecate(),
            Show(),
        }.WithExample("mlops tag register churn\nmlops tag assign churn --stage prod\nmlops tag show");

    private static Command Register()
    {
        var (name, reference) = (Name(), new Argument<string>("ref") { Description = "The commit.", DefaultValueFactory = _ => "HEAD" });
        var version = new Option<string?>("--version", "--ver") { Description = "Such as v1.2.3; else the last one, bumped." };
        var major = new Option<bool>("--bump-major") { Description = "v1.2.3 becomes v2.0.0." };
        var minor = new Option<bool>("--bump-minor") { Description = "v1.2.3 becomes v1.3.0." };
        var patch = new Option<bool>("--bump-patch") { Description = "v1.2.3 becomes v1.2.4 (as does nothing)." };
        return new Command("register", "Makes a version of an artifact.") { name, reference, version, major, minor, patch }.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                var tags = ArtifactTags.Open(repository);
                var bump =
                    parsed.GetValue(major) ? VersionPart.Major
                    : parsed.GetValue(minor) ? VersionPart.Minor
                    : VersionPart.Patch;
                Tell(
                    tags.Register(parsed.GetValue(name)!, parsed.GetValue(reference)!, parsed.GetValue(version), bump),
                    $"that registers version"
                );
                return 0;
            },
            locked: false
        );
    }

    private static Command Assign()
    {
        var (name, reference) = (
            Name(),
            new Argument<string?>("ref") { Description = "The commit, whose version it is.", Arity = ArgumentArity.ZeroOrOne }
        );
        var stage = new Option<string>("--stage") { Description = "Such as prod.", Required = true };
        var version = new Option<string?>("--version", "--ver")
        {
            Description = "The version; else the one of the commit, else the latest.",
        };
        return new Command("assign", "Puts a version of an artifact into a stage.") { name, reference, stage, version }.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                Tell(
                    ArtifactTags
                        .Open(repository)
                        .Assign(parsed.GetValue(name)!, parsed.GetValue(stage)!, parsed.GetValue(version), parsed.GetValue(reference)),
                    "that assigns stage"
                );
                return 0;
            },
            locked: false
        );
    }

    private static Command Unassign()
    {
        var (name, version) = (
            Name(),
            new Option<string?>("--version", "--ver") { Description = "The version; else the one that is in the stage." }
        );
        var stage = new Option<string>("--stage") { Description = "Such as prod.", Required = true };
        return new Command("unassign", "Takes a version out of a stage.") { name, stage, version }.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                Tell(
                    ArtifactTags.Open(repository).Unassign(parsed.GetValue(name)!, parsed.GetValue(stage)!, parsed.GetValue(version)),
                    "that unassigns stage"
                );
                return 0;
            },
            locked: false
        );
    }

    private static Command Deprecate()
    {
        var (name, version) = (
            Name(),
            new Argument<string?>("version")
            {
                Description = "Only this version; else the whole artifact.",
                Arity = ArgumentArity.ZeroOrOne,
            }
        );
        return new Command("deprecate", "Says that a version, or the whole artifact, is no longer to be used.")
        {
            name,
            version,
        }.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                Tell(ArtifactTags.Open(repository).Deprecate(parsed.GetValue(name)!, parsed.GetValue(version)), "that deprecates");
                return 0;
            },
            locked: false
        );
    }

    private static Command Show()
    {
        var name = new Argument<string?>("name")
        {
            Description = "Only this artifact, with all its versions.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return new Command("show", "Lists artifacts, their versions and stages.") { name }.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                var tags = ArtifactTags.Open(repository);
                foreach (var artifact in tags.List().Where(a => parsed.GetValue(name) is null || a.Name == parsed.GetValue(name)))
                {
                    foreach (var version in parsed.GetValue(name) is null ? artifact.Versions.TakeLast(1) : artifact.Versions)
                    {
                        var stages = artifact.Stages.Where(s => s.Value == version.Version).Select(s => "#" + s.Key);
                        Console.Out.WriteLine(
                            $"{artifact.Name}  {version.Version}  "
                                + $"{string.Join(' ', stages)}{(artifact.Deprecated.Contains(version.Version) ? "  deprecated" : "")}".TrimEnd()
                        );
                    }
                }

                return 0;
            },
            locked: false
        );
    }

    private static Argument<string> Name() => new("name") { Description = "The artifact; in a subfolder `folder:name`." };

    private static void Tell(string tag, string what) =>
        Console.Out.WriteLine($"Created git tag '{tag}' {what}\nTo push the changes upstream, run:\n    git push origin {tag}");
}

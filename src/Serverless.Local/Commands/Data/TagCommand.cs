using System.CommandLine;
using Serverless.Data.Maintenance;

namespace Serverless.Local.Commands.Data;

/// <summary>Versions and stages of artifacts as Git tags, with GTO's names: `churn@v1.2.0`, `churn#prod#1`.</summary>
internal static class TagCommand
{
    public static Command Create() =>
        new Command("tag", "Manage versions and stages of artifacts as Git tags with GTO's names.")
        {
            Register(),
            Assign(),
            Unassign(),
            Deprecate(),
            Show(),
        }.WithExample("mlops tag register churn\nmlops tag assign churn --stage prod\nmlops tag show");

    private static Command Register()
    {
        var (name, reference) = (
            Name(),
            new Argument<string>("ref") { Description = "Commit to register.", DefaultValueFactory = _ => "HEAD" }
        );
        var version = new Option<string?>("--version", "--ver")
        {
            Description = "Version, such as v1.2.3. Omit to bump the latest version.",
        };
        var major = new Option<bool>("--bump-major") { Description = "Bump the major version: v1.2.3 becomes v2.0.0." };
        var minor = new Option<bool>("--bump-minor") { Description = "Bump the minor version: v1.2.3 becomes v1.3.0." };
        var patch = new Option<bool>("--bump-patch")
        {
            Description = "Bump the patch version: v1.2.3 becomes v1.2.4. This is the default.",
        };
        return new Command("register", "Register a version of an artifact.") { name, reference, version, major, minor, patch }.OnRepository(
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
            new Argument<string?>("ref") { Description = "Commit whose version to assign.", Arity = ArgumentArity.ZeroOrOne }
        );
        var stage = new Option<string>("--stage") { Description = "Stage name, such as prod.", Required = true };
        var version = new Option<string?>("--version", "--ver")
        {
            Description = "Version to assign. Omit for the version of the commit, or else the latest.",
        };
        return new Command("assign", "Assign a stage to a version of an artifact.") { name, reference, stage, version }.OnRepository(
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
            new Option<string?>("--version", "--ver") { Description = "Version. Omit for the version in the stage." }
        );
        var stage = new Option<string>("--stage") { Description = "Stage name, such as prod.", Required = true };
        return new Command("unassign", "Unassign a version from a stage.") { name, stage, version }.OnRepository(
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
                Description = "Version to deprecate. Omit for the whole artifact.",
                Arity = ArgumentArity.ZeroOrOne,
            }
        );
        return new Command("deprecate", "Deprecate a version or a whole artifact.") { name, version }.OnRepository(
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
            Description = "Artifact to show, with all its versions.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return new Command("show", "List artifacts, their versions and stages.") { name }.OnRepository(
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
                                + $"{string.Join(' ', stages)}"
                                + $"{(artifact.Deprecated.Contains(version.Version) ? "  deprecated" : "")}".TrimEnd()
                        );
                    }
                }

                return 0;
            },
            locked: false
        );
    }

    private static Argument<string> Name() => new("name") { Description = "Artifact name, or `folder:name` in a subfolder." };

    private static void Tell(string tag, string what) =>
        Console.Out.WriteLine($"Created git tag '{tag}' {what}\nTo push the changes upstream, run:\n    git push origin {tag}");
}

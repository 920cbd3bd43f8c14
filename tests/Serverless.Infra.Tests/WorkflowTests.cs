using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Serverless.Infra.Tests;

/// <summary>
/// The workflows, read as a linter for GitHub Actions reads them: what GitHub would refuse or silently ignore fails here.
/// </summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] JobKeys =
    [
        "name",
        "needs",
        "if",
        "runs-on",
        "timeout-minutes",
        "env",
        "steps",
        "environment",
        "concurrency",
        "permissions",
        "strategy",
        "outputs",
        "uses",
        "with",
        "secrets",
        "services",
        "container",
        "defaults",
        "continue-on-error",
    ];

    private static readonly string[] StepKeys =
    [
        "id",
        "if",
        "name",
        "uses",
        "run",
        "with",
        "env",
        "working-directory",
        "shell",
        "continue-on-error",
        "timeout-minutes",
    ];

    public static TheoryData<string> Files =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(BicepFixture.Root, ".github", "workflows"), "*.yml")
                .Select(Path.GetFileName)
                .Select(f => f!),
        ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Jobs_and_steps_are_what_GitHub_knows(string file)
    {
        var jobs = Map(Read(file), "jobs");
        var names = jobs.Children.Keys.Select(k => k.ToString()).ToHashSet();
        foreach (var (name, node) in jobs.Children)
        {
            var job = (YamlMappingNode)node;
            Assert.All(job.Children.Keys, k => Assert.Contains(k.ToString(), JobKeys));
            Assert.True(job.Children.ContainsKey("timeout-minutes"), $"{name} could run for six hours");
            Assert.All(Texts(job, "needs"), n => Assert.Contains(n, names));
            var ids = new HashSet<string>();
            foreach (var step in ((YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>())
            {
                Assert.All(step.Children.Keys, k => Assert.Contains(k.ToString(), StepKeys));
                Assert.NotEqual(step.Children.ContainsKey("uses"), step.Children.ContainsKey("run"));
                Assert.Matches("^[a-z0-9-]+/[a-z0-9-]+@v[0-9]+$", Text(step, "uses") ?? "a/b@v1");
                if (Text(step, "id") is { } id)
                {
                    Assert.True(ids.Add(id), $"two steps are called {id}");
                }

                Assert.All(StepOutput().Matches(step.ToString()).Select(m => m.Groups[1].Value), used => Assert.Contains(used, ids));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_input_and_secret_that_is_used_is_declared(string file)
    {
        var root = Read(file);
        var text = File.ReadAllText(PathOf(file));
        var call =
            root.Children.TryGetValue("on", out var on)
            && on is YamlMappingNode events
            && events.Children.TryGetValue("workflow_call", out var found)
                ? found as YamlMappingNode
                : null;
        foreach (var (kind, pattern) in new[] { ("inputs", Inputs()), ("secrets", Secrets()) })
        {
            var declared =
                call is not null && call.Children.TryGetValue(kind, out var map)
                    ? ((YamlMappingNode)map).Children.Keys.Select(k => k.ToString()).ToHashSet()
                    : [];
            var used = pattern.Matches(text).Select(m => m.Groups[1].Value).ToHashSet();
            Assert.Subset(declared, used);
            Assert.Subset(used, declared);
        }
    }

    /// <summary>What comes from outside and is put into the text of a script can become a command of its own.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void No_expression_is_written_into_a_script(string file)
    {
        foreach (var job in Map(Read(file), "jobs").Children.Values.Cast<YamlMappingNode>())
        {
            Assert.All(
                ((YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>(),
                step => Assert.DoesNotContain("${{", Text(step, "run") ?? "", StringComparison.Ordinal)
            );
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Permissions_are_named_and_expressions_are_closed(string file)
    {
        var text = File.ReadAllText(PathOf(file));
        Assert.True(Read(file).Children.ContainsKey("permissions"));
        Assert.Equal(Regex.Count(text, @"\$\{\{"), Regex.Count(text, @"\$\{\{[^{}]*\}\}"));
    }

    [Fact]
    public void The_reusable_workflow_has_the_stages_and_what_their_failure_does()
    {
        var jobs = Map(Read("ml-pipeline.yml"), "jobs");
        Assert.Equal(["tool", "tests", "data", "smoke", "evaluate", "deploy"], jobs.Children.Keys.Select(k => k.ToString()));
        Assert.Contains("data", Texts((YamlMappingNode)jobs["smoke"], "needs"));
        Assert.Contains("smoke", Texts((YamlMappingNode)jobs["evaluate"], "needs"));
        var deploy = (YamlMappingNode)jobs["deploy"];
        Assert.Contains("evaluate", Texts(deploy, "needs"));
        Assert.Contains("refs/heads/main", Text(deploy, "if"), StringComparison.Ordinal);
        Assert.True(deploy.Children.ContainsKey("environment"));
        Assert.Contains("for attempt in 1 2 3", jobs["smoke"].ToString(), StringComparison.Ordinal);
    }

    private static string PathOf(string file) => Path.Combine(BicepFixture.Root, ".github", "workflows", file);

    private static YamlMappingNode Read(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(PathOf(file))));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node[key];

    private static string? Text(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    private static string[] Texts(YamlMappingNode node, string key) =>
        !node.Children.TryGetValue(key, out var value) ? []
        : value is YamlSequenceNode list ? [.. list.Select(n => n.ToString())]
        : [value.ToString()];

    [GeneratedRegex(@"steps\.([a-z]+)\.outputs")]
    private static partial Regex StepOutput();

    [GeneratedRegex(@"inputs\.([a-z-]+)")]
    private static partial Regex Inputs();

    [GeneratedRegex(@"secrets\.([A-Z_]+)")]
    private static partial Regex Secrets();
}

using Serverless.Automation.Policies.Document;
using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Automation.Hooks;

/// <summary>
/// Reads the webhook mappings of a workspace:
/// <code>
/// hooks:
///   - name: churn
///     repository: acme/churn-model
///     branches: [main, 'release/**']   # default: main
///     paths: ['src/**', params.yaml]   # default: any file
///     pipeline: .                      # the folder of the dvc.yaml
///     model: churn                     # compare metrics with its champion
/// </code>
/// </summary>
public static class HookReader
{
    private const string Fix = "Write a list `hooks:`, each entry with a name and a repository.";

    /// <param name="text">The YAML document.</param>
    /// <param name="file">The file name for messages.</param>
    public static IReadOnlyList<HookMapping> Read(string text, string file)
    {
        var findings = new List<Diagnostic>();
        if (YamlReader.Parse(text, file) is not DataMap map)
        {
            throw ServerlessException.Invalid(
                $"'{file}' has no webhook mappings.",
                [new Diagnostic(file, 1, "The document is not a map.", Fix)]
            );
        }

        var root = new PolicySection(map, "the file", file, findings);
        var mappings = new List<HookMapping>();
        foreach (var section in root.Sections("hooks", "a hook"))
        {
            var mapping = new HookMapping
            {
                Name = section.Required("name", "Add a name, such as `name: churn`."),
                Repository = section.Required("repository", "Use OWNER/NAME, as in the URL of the repository."),
                Branches = section.Texts("branches") ?? ["main"],
                Paths = section.Texts("paths") ?? [],
                Pipeline = section.Text("pipeline") ?? ".",
                Model = section.Text("model"),
            };
            section.Done();
            Check(mapping, section, mappings);
            mappings.Add(mapping);
        }

        root.Done();
        return findings.Count == 0
            ? mappings
            : throw ServerlessException.Invalid(
                $"'{file}' has {(findings.Count == 1 ? "one error" : $"{findings.Count} errors")}: nothing was applied.",
                [.. findings.OrderBy(f => f.Line)]
            );
    }

    private static void Check(HookMapping mapping, PolicySection section, List<HookMapping> before)
    {
        if (mapping.Name.Length > 0 && before.Any(m => m.Name == mapping.Name))
        {
            section.Wrong("name", $"Two hooks are named '{mapping.Name}'.", "Give each hook a unique name.");
        }

        if (mapping.Repository.Length > 0 && mapping.Repository.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            section.Wrong(
                "repository",
                $"'{mapping.Repository}' is not OWNER/NAME.",
                "Use OWNER/NAME, as in the URL of the repository, without the host."
            );
        }

        if (Path.IsPathRooted(mapping.Pipeline) || mapping.Pipeline.Split('/', '\\').Contains(".."))
        {
            section.Wrong(
                "pipeline",
                $"'{mapping.Pipeline}' is outside the repository.",
                "Give the folder of the dvc.yaml relative to the repository's root."
            );
        }
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Serverless.Storage;
using Serverless.Storage.Inbox;

namespace Serverless.Infra.Tests;

/// <summary>What the compiled template promises: no warning, no key, every role, every setting.</summary>
public sealed class TemplateTests(BicepFixture bicep)
{
    private const string NoCompiler = "The Bicep compiler of the package runs on Linux x64 only.";

    [Theory(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    [InlineData("main.bicep")]
    [InlineData("modules/events-subscription.bicep")]
    public async Task Linting_finds_nothing(string file)
    {
        var (code, output, errors) = await BicepFixture.RunAsync("lint", Path.Combine(BicepFixture.Infra, file));
        Assert.Equal((0, "", ""), (code, output.Trim(), errors.Trim()));
    }

    [Fact(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    public async Task The_parameter_file_fits_the_template()
    {
        var (code, output, errors) = await BicepFixture.RunAsync(
            "build-params",
            Path.Combine(BicepFixture.Infra, "main.bicepparam"),
            "--stdout"
        );
        Assert.True(code == 0 && errors.Trim().Length == 0, errors);
        Assert.Contains("environmentName", output, StringComparison.Ordinal);
    }

    [Fact(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    public void The_storage_account_has_no_usable_keys_and_holds_what_the_code_opens()
    {
        var account = Only("Microsoft.Storage/storageAccounts").GetProperty("properties");
        Assert.False(account.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(account.GetProperty("allowBlobPublicAccess").GetBoolean());
        var text = bicep.Template.GetRawText();
        // Every table, container and queue that the code names.
        var tables = Regex
            .Matches(Source("src/Serverless.Storage"), "GetTableClient\\(\"([a-z]+)\"\\)")
            .Select(m => m.Groups[1].Value)
            .Distinct()
            .ToList();
        Assert.Contains("mlopsruns", tables);
        var queues = Regex.Matches(Source("src/Serverless.Storage"), "\"(mlops-[a-z-]+)\"").Select(m => m.Groups[1].Value);
        foreach (var needed in (string[])[Store.ContainerName, InboxStore.ContainerName, .. tables, .. queues])
        {
            Assert.Matches($"['\"]{needed}['\"]", text);
        }

        var blobs = Only("Microsoft.Storage/storageAccounts/blobServices").GetProperty("properties");
        Assert.True(blobs.GetProperty("isVersioningEnabled").GetBoolean());
        Assert.True(blobs.GetProperty("deleteRetentionPolicy").GetProperty("enabled").GetBoolean());
        Assert.NotEmpty(
            Only("Microsoft.Storage/storageAccounts/managementPolicies")
                .GetProperty("properties")
                .GetProperty("policy")
                .GetProperty("rules")
                .EnumerateArray()
        );
    }

    [Fact(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    public void No_key_is_listed_or_given_out()
    {
        var text = bicep.Template.GetRawText();
        Assert.DoesNotMatch(new Regex("list(Keys|AccountSas|Secrets|Credentials)\\(", RegexOptions.IgnoreCase), text);
        Assert.DoesNotContain("AccountKey=", text, StringComparison.OrdinalIgnoreCase);
        foreach (var output in Outputs(bicep.Template))
        {
            Assert.DoesNotMatch(new Regex("key|secret|password|token", RegexOptions.IgnoreCase), output.Name);
            Assert.DoesNotMatch(
                new Regex("ConnectionString|InstrumentationKey|sharedKey", RegexOptions.IgnoreCase),
                output.Value.GetRawText()
            );
        }
    }

    [Fact(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    public void Every_role_is_assigned_on_the_one_resource_it_is_about()
    {
        var roles = bicep.Resources.Where(r => Type(r.Resource) == "Microsoft.Authorization/roleAssignments").ToList();
        Assert.All(roles, r => Assert.True(r.Resource.TryGetProperty("scope", out _), "an assignment on the whole group"));
        var text = string.Join('\n', bicep.Resources.Select(r => r.Resource.GetRawText())) + bicep.Template.GetRawText();
        foreach (
            var role in (string[])
                [
                    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", // Storage Blob Data Owner
                    "ba92f5b4-2d11-453d-a403-e96b0029c9fe", // Storage Blob Data Contributor
                    "db58b8e5-c6ad-4a2a-8342-4190687cbf4a", // Storage Blob Delegator
                    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", // Storage Table Data Contributor
                    "974c5e8b-45b9-4653-ba55-5f855dd0fb88", // Storage Queue Data Contributor
                    "3913510d-42f4-4e42-8a64-420c390055eb", // Monitoring Metrics Publisher
                    "7f951dda-4ed3-4680-a7ca-43fe172d538d", // AcrPull
                    "4633458b-17de-408a-b874-0445c86b69e6",
                ]
        ) // Key Vault Secrets User
        {
            Assert.Contains(role, text, StringComparison.Ordinal);
        }

        // Each job is one that the app may start.
        Assert.Single(
            roles,
            r => r.Resource.TryGetProperty("copy", out _) && r.Resource.GetRawText().Contains("jobNames", StringComparison.Ordinal)
        );
        var starter = Only("Microsoft.Authorization/roleDefinitions")
            .GetProperty("properties")
            .GetProperty("permissions")[0]
            .GetProperty("actions");
        var actions = starter.EnumerateArray().Select(a => a.GetString()!).ToList();
        Assert.Contains("Microsoft.App/jobs/start/action", actions);
        Assert.Contains("Microsoft.App/jobs/stop/execution/action", actions);
        Assert.DoesNotContain(
            actions,
            a =>
                a.Contains('*', StringComparison.Ordinal)
                || a.Contains("write", StringComparison.Ordinal)
                || a.Contains("Secrets", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Fact(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    public void The_app_is_flex_consumption_with_an_identity_on_net_10()
    {
        var app = Only("Microsoft.Web/sites");
        var config = app.GetProperty("properties").GetProperty("functionAppConfig");
        Assert.Equal("dotnet-isolated", config.GetProperty("runtime").GetProperty("name").GetString());
        Assert.Equal("10.0", config.GetProperty("runtime").GetProperty("version").GetString());
        Assert.Equal(
            "UserAssignedIdentity",
            config.GetProperty("deployment").GetProperty("storage").GetProperty("authentication").GetProperty("type").GetString()
        );
        Assert.Equal("FC1", Only("Microsoft.Web/serverfarms").GetProperty("sku").GetProperty("name").GetString());
        // Flex Consumption refuses these.
        Assert.DoesNotContain("FUNCTIONS_WORKER_RUNTIME", bicep.Template.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", bicep.Template.GetRawText(), StringComparison.Ordinal);
    }

    [Fact(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    public void Everything_that_can_carry_tags_does()
    {
        string[] untagged =
        [
            "Microsoft.Authorization/",
            "Microsoft.Insights/diagnosticSettings",
            "Microsoft.Storage/storageAccounts/",
            "Microsoft.Web/sites/",
            "Microsoft.EventGrid/systemTopics/",
            "Microsoft.Network/virtualNetworks/",
            "Microsoft.Network/privateEndpoints/",
            "Microsoft.KeyVault/vaults/",
            "Microsoft.Consumption/",
        ];
        Assert.All(
            bicep.Resources.Where(r =>
                !r.Resource.TryGetProperty("existing", out _)
                && !untagged.Any(u => Type(r.Resource).StartsWith(u, StringComparison.Ordinal))
            ),
            r => Assert.True(r.Resource.TryGetProperty("tags", out _), $"{Type(r.Resource)} in {r.Module}")
        );
    }

    [Fact(SkipUnless = nameof(BicepFixture.HasCompiler), SkipType = typeof(BicepFixture), Skip = NoCompiler)]
    public void Every_setting_that_the_code_reads_is_set_or_documented()
    {
        var template = bicep.Template.GetRawText();
        foreach (
            var needed in (string[])
                [
                    "AzureWebJobsStorage__accountName",
                    "AzureWebJobsStorage__clientId",
                    "MLOPS_JOBS_RESOURCE_ID",
                    "MLOPS_JOBS_CONTAINER",
                    "MLOPS_WORKSPACE_POLICY",
                    "MLOPS_ADMINS",
                    "MLOPS_GITHUB_WEBHOOK_SECRET",
                    "MLOPS_GITHUB_TOKEN",
                    "APPLICATIONINSIGHTS_CONNECTION_STRING",
                    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
                ]
        )
        {
            Assert.Contains(needed, template, StringComparison.Ordinal);
        }

        var pages = Directory
            .EnumerateFiles(Path.Combine(BicepFixture.Root, "docs"), "*.md")
            .Append(Path.Combine(BicepFixture.Root, "README.md"))
            .Append(Path.Combine(BicepFixture.Infra, "README.md"));
        var told = template + string.Join('\n', pages.Select(File.ReadAllText));
        var read = Regex.Matches(Source("src") + Source("functions"), "\"(MLOPS_[A-Z0-9_]+)\"").Select(m => m.Groups[1].Value).Distinct();
        Assert.DoesNotContain(read, name => !told.Contains(name, StringComparison.Ordinal));
    }

    private static string Source(string folder) =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(Path.Combine(BicepFixture.Root, folder), "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
                .Select(File.ReadAllText)
        );

    private JsonElement Only(string type) =>
        Assert.Single(bicep.Resources, r => Type(r.Resource) == type && !r.Resource.TryGetProperty("existing", out _)).Resource;

    private static string Type(JsonElement resource) => resource.GetProperty("type").GetString()!;

    private static IEnumerable<JsonProperty> Outputs(JsonElement template)
    {
        foreach (var element in Descendants(template))
        {
            if (
                element.ValueKind == JsonValueKind.Object
                && element.TryGetProperty("outputs", out var outputs)
                && outputs.ValueKind == JsonValueKind.Object
            )
            {
                foreach (var output in outputs.EnumerateObject())
                {
                    yield return output;
                }
            }
        }
    }

    private static IEnumerable<JsonElement> Descendants(JsonElement element)
    {
        yield return element;
        var children = element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Select(p => p.Value),
            JsonValueKind.Array => element.EnumerateArray().AsEnumerable(),
            _ => [],
        };
        foreach (var inner in children.SelectMany(Descendants))
        {
            yield return inner;
        }
    }
}

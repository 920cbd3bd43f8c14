using System.Text;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

/// <summary>Files as people have them, through the components that read them.</summary>
public sealed class BadDataTests(AzuriteFixture azurite) : HostTest(azurite)
{
    private const string Schema = """
        rows: {min: 4}
        columns:
          id: {type: integer, unique: true, nullable: false}
          name: {type: text, nullable: false}
          label: {type: text, allowed: ["Yes", "No"], nullable: false}
        """;

    private const string Pipeline = """
        stages:
          validate: {uses: data/validate, with: {data: data.csv, schema: schema.yaml, report: report.json}}
          split:
            uses: data/split
            deps: [report.json]
            with:
              {data: data.csv, stratify: label, validation_share: 0.25, test_share: 0.25, seed: 1,
               train: train.csv, validation: validation.csv, test: test.csv}
        """;

    [Theory]
    [InlineData("id,name,label\n1,a,Yes\n2,b\n3,c,No\n4,d,No\n", "data.csv:3: The row has 2 fields, but the header has 3.")]
    [InlineData("", "empty")]
    [InlineData("id,name,label\n", "There are 0 rows")]
    [InlineData("id,name,label\none,a,Yes\n2,b,No\n3,c,No\n4,d,No\n", "id")]
    [InlineData("id,name,label\n1,a,Yes\n1,b,No\n3,c,No\n4,d,Perhaps\n", "Perhaps")]
    [InlineData("id,name\n1,a\n2,b\n3,c\n4,d\n", "label")]
    public async Task Data_that_cannot_be_used_fails_the_run_with_the_reason_and_leaves_nothing(string csv, string reason) =>
        await FailsAsync(Encoding.UTF8.GetBytes(csv), Schema, "validate", reason);

    [Fact]
    public async Task A_file_that_is_not_text_is_named() =>
        await FailsAsync([0, 1, 2, 0xff, 0xfe, 0, 0, 0xfd, 10, 0, 0], Schema, "validate", "data.csv");

    [Fact]
    public async Task Another_encoding_is_named_with_what_to_do() =>
        await FailsAsync(
            Encoding.Latin1.GetBytes("id,name,label\n1,Müller,Yes\n2,b,No\n3,c,No\n4,d,No\n"),
            Schema,
            "validate",
            "Save the file as UTF-8"
        );

    [Fact]
    public async Task A_schema_that_does_not_fit_is_told_with_its_line() =>
        await FailsAsync("id,name,label\n1,a,Yes\n2,b,No\n"u8.ToArray(), "columns:\n  id: {typ: integer}\n", "validate", "schema.yaml:2");

    [Fact]
    public async Task A_missing_label_fails_the_split() =>
        await FailsAsync(
            "id,name\n1,a\n2,b\n3,c\n4,d\n"u8.ToArray(),
            "columns:\n  id: {type: integer}\n  name: {type: text}\n",
            "split",
            "label"
        );

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-8", false)]
    public async Task Marks_quotes_and_encodings_are_read(string encoding, bool hasMark)
    {
        var text = new StringBuilder("\"id\";\"name\";\"label\"\r\n");
        for (var i = 1; i <= 16; i++)
        {
            text.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{i};\"Müller; \"\"the {i}.\"\"\";{(i % 2 == 0 ? "Yes" : "No")}\r\n"
            );
        }

        var by = Encoding.GetEncoding(encoding);
        Write([.. hasMark ? by.GetPreamble() : [], .. by.GetBytes(text.ToString())], Schema);

        var ended = await RunAsync("run", "p", "--json");

        Assert.True(ended.ExitCode == 0, ended.ToString());
        var split = Parse(ended.Output).Tasks.Single(t => t.Path == "split");
        var train = Encoding.UTF8.GetString(await (await OpenStoreAsync()).Content.ReadAsync(split.Result.Artifacts["train.csv"].Digest));
        Assert.Contains("Müller", train);
    }

    private void Write(byte[] csv, string schema)
    {
        Folder.Write("p/dvc.yaml", Pipeline);
        Folder.Write("p/schema.yaml", schema);
        File.WriteAllBytes(Folder.At("p", "data.csv"), csv);
    }

    private async Task FailsAsync(byte[] csv, string schema, string task, string reason)
    {
        Write(csv, schema);

        var ended = await RunAsync("run", "p");

        Assert.True(ended.ExitCode == 1, ended.ToString());
        Assert.Contains($"{task}: failed", ended.Output);
        Assert.Contains(reason, ended.Output);
        Assert.DoesNotContain("Exception", ended.Output);
        var run = await EndOfRunAsync();
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains(reason, run.Error!.Message + run.Error.Fix);
        var tasks = await TasksAsync(run);
        Assert.Empty(tasks[task].Result.Artifacts);
        Assert.Empty(tasks["split"].Result.Artifacts);
        Assert.False(
            Directory.Exists(Folder.At(".mlops", "work")) && Directory.EnumerateFileSystemEntries(Folder.At(".mlops", "work")).Any()
        );
    }
}

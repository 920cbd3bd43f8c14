using System.Xml.Linq;
using Serverless.Monitoring.Checks;

namespace Serverless.Monitoring.Tests.Checks;

public sealed class CheckReportTests
{
    private static readonly CheckReport Report = new(
        "data",
        [
            new("age: max", false, "3 values of 'a|ge' are above 120.\u0001", "Correct <them>."),
            new("plan", true, "All 10 rows & more."),
            new("note", null, "Not compared."),
        ]
    );

    [Fact]
    public void JUnit_holds_a_case_a_check_and_is_well_formed_whatever_a_name_holds()
    {
        using var stream = new MemoryStream();
        JUnitReport.Write(Report, stream);
        stream.Position = 0;
        var suite = XDocument.Load(stream).Root!.Element("testsuite")!;
        Assert.Equal(
            ("3", "1", "1"),
            (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("skipped")!.Value)
        );
        var failure = suite.Elements("testcase").First().Element("failure")!;
        Assert.Equal("3 values of 'a|ge' are above 120.\\u0001", failure.Attribute("message")!.Value);
        Assert.Equal("Correct <them>.", failure.Value);
    }

    [Fact]
    public void Markdown_is_one_row_a_check_with_its_fix()
    {
        var lines = Report.ToMarkdown().TrimEnd().Split('\n');
        Assert.Equal("### data: 1 of 3 failed", lines[0]);
        Assert.Equal(7, lines.Length);
        Assert.Contains("'a\\|ge'", lines[4], StringComparison.Ordinal);
        Assert.Contains("**Fix:** Correct <them>.", lines[4], StringComparison.Ordinal);
        Assert.False(Report.Ok);
    }
}

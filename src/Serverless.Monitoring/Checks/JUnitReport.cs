using System.Globalization;
using System.Text;
using System.Xml;

namespace Serverless.Monitoring.Checks;

/// <summary>Writes checks in the JUnit XML format of build servers, with one test case for each check.</summary>
public static class JUnitReport
{
    public static void Write(CheckReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false) });
        xml.WriteStartElement("testsuites");
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Valid(report.Suite));
        xml.WriteAttributeString("tests", Number(report.Checks.Count));
        xml.WriteAttributeString("failures", Number(report.Checks.Count(c => c.Passed == false)));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", Number(report.Checks.Count(c => c.Passed is null)));
        foreach (var check in report.Checks)
        {
            xml.WriteStartElement("testcase");
            xml.WriteAttributeString("classname", Valid($"mlops.check.{report.Suite}"));
            xml.WriteAttributeString("name", Valid(check.Name));
            if (check.Passed != true)
            {
                xml.WriteStartElement(check.Passed is null ? "skipped" : "failure");
                xml.WriteAttributeString("message", Valid(check.Message));
                xml.WriteString(Valid(check.Fix ?? ""));
                xml.WriteEndElement();
            }
            else
            {
                xml.WriteElementString("system-out", Valid(check.Message));
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Replaces control characters that XML cannot represent. A column name may contain one.</summary>
    private static string Valid(string text) =>
        text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) ? c.ToString() : $"\\u{(int)c:x4}"));
}

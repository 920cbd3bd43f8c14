using System.Text;

namespace Serverless.Local.Display;

/// <summary>Standard output that may break (a full disk behind it, say) without breaking what is being told about.</summary>
internal sealed class PatientWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Why something was not written.</summary>
    public IOException? Failure { get; private set; }

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            Failure = e;
        }
    }
}

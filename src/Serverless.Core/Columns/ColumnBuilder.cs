namespace Serverless.Core.Columns;

/// <summary>Collects the fields of one column as they are read. A subclass knows the column's type or infers it.</summary>
internal abstract class ColumnBuilder(string name, IReadOnlyList<string> nullTexts)
{
    public string Name { get; } = name;

    /// <summary>
    /// Gets a value that indicates whether the column's texts are needed but were not kept, so that it must be read again as text.
    /// </summary>
    public virtual bool NeedsTexts => false;

    public void Append(ReadOnlySpan<char> field, long record)
    {
        if (field.IsEmpty || IsNullText(field))
        {
            AppendNull();
        }
        else
        {
            AppendValue(field, record);
        }
    }

    public abstract Column Build();

    protected abstract void AppendNull();

    protected abstract void AppendValue(ReadOnlySpan<char> field, long record);

    private bool IsNullText(ReadOnlySpan<char> field)
    {
        for (var i = 0; i < nullTexts.Count; i++)
        {
            if (field.SequenceEqual(nullTexts[i]))
            {
                return true;
            }
        }

        return false;
    }
}
